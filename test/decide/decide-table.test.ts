import { describeCases } from './decision-case.ts';
import { gateCases } from './gate-table.ts';

describeCases('the decision table at the gate', gateCases());
