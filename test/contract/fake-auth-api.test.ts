import { fakeAuthApi } from '../support/fake-auth-api.ts';
import { authApiContract } from './auth-api-contract.ts';

authApiContract('the fake', async () => ({ api: fakeAuthApi(), clientUrl: 'https://m0:2379' }));
