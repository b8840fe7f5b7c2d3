import { describe } from 'node:test';
import { fakeRecords } from './fake-records.ts';
import { itKeepsRecords } from './record-keeper-contract.ts';

describe('the fake records', () => {
  itKeepsRecords(async () => ({ records: fakeRecords(), namespace: 'ns' }));
});
