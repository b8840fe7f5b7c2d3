import { ORDINAL_MAX } from '../model/naming.ts';
import type { Step, StepAction, Who } from './step.ts';

/** Longer tours are two tours; the report and the picture list every step. */
const STEPS_MAX = 200;

/** An hour. */
const WAIT_SECONDS_MAX = 3600;

/** The most members a cluster can have. */
const SIZE_MAX = ORDINAL_MAX + 1;

const WHO = `leader, follower or an ordinal from 0 to ${ORDINAL_MAX}`;

/** One line per step, for `--help`. */
export const STEP_HELP = [
  'form              the cluster comes to be; always first',
  `scale:N           N members, 0 to ${SIZE_MAX}; 0 hibernates`,
  'hibernate         the same as scale:0',
  'kill:WHO          kill -9 of an etcd',
  'kill-agent:WHO    kill -9 of an agent',
  'freeze:WHO        an etcd stands still for 5 s',
  'wipe:WHO          a member loses its disk',
  'delete-pod:WHO    a Pod is deleted, as by a drain',
  'roll              every Pod is replaced, one after another',
  `wait:SECONDS      nothing happens, for ${WAIT_SECONDS_MAX} s at most`,
  `WHO is ${WHO}.`,
] as const;

/** The steps in a list such as `form,scale:5,kill:leader`; `invalid` is one sentence for people. */
export function parseSteps(text: string): readonly Step[] | { readonly invalid: string } {
  const words = text.split(',').map((word) => word.trim());
  if (words.length > STEPS_MAX) {
    return { invalid: `${words.length} steps are too many; give ${STEPS_MAX} at most.` };
  }
  const steps: Step[] = [];
  for (const [index, word] of words.entries()) {
    const action = parseAction(word);
    if ('invalid' in action) {
      return { invalid: `step ${index + 1}, "${word}": ${action.invalid}.` };
    }
    steps.push({ ...action, text: word });
  }
  return steps;
}

type Parsed = StepAction | { readonly invalid: string };

function parseAction(word: string): Parsed {
  const colon = word.indexOf(':');
  const name = colon < 0 ? word : word.slice(0, colon);
  const value = colon < 0 ? undefined : word.slice(colon + 1);
  return value === undefined ? parseBare(name) : parseWithValue(name, value);
}

const NAMES =
  'form, scale:N, hibernate, kill:WHO, kill-agent:WHO, freeze:WHO, wipe:WHO, delete-pod:WHO, roll and wait:SECONDS';

function parseBare(name: string): Parsed {
  switch (name) {
    case 'form':
      return { kind: 'form' };
    case 'roll':
      return { kind: 'roll' };
    case 'hibernate':
      return { kind: 'scale', replicas: 0 };
    case '':
      return { invalid: 'an empty step; write the steps with one comma between two' };
    case 'scale':
    case 'wait':
      return { invalid: `say how much, such as ${name}:${name === 'scale' ? 5 : 10}` };
    case 'kill':
    case 'kill-agent':
    case 'freeze':
    case 'wipe':
    case 'delete-pod':
      return { invalid: `say whom, such as ${name}:leader` };
    default:
      return { invalid: `there is no such step; there are ${NAMES}` };
  }
}

function parseWithValue(name: string, value: string): Parsed {
  switch (name) {
    case 'scale':
      return withNumber(value, SIZE_MAX, (replicas) => ({ kind: 'scale', replicas }));
    case 'wait':
      return withNumber(value, WAIT_SECONDS_MAX, (seconds) => ({ kind: 'wait', seconds }));
    case 'kill':
      return withWho(value, (who) => ({ kind: 'kill', container: 'etcd', who }));
    case 'kill-agent':
      return withWho(value, (who) => ({ kind: 'kill', container: 'agent', who }));
    case 'freeze':
    case 'wipe':
    case 'delete-pod':
      return withWho(value, (who) => ({ kind: name, who }));
    case 'form':
    case 'roll':
    case 'hibernate':
      return { invalid: `${name} takes no value` };
    default:
      return { invalid: `there is no such step; there are ${NAMES}` };
  }
}

function withNumber(value: string, max: number, make: (value: number) => StepAction): Parsed {
  const isNumber = /^(0|[1-9][0-9]{0,5})$/.test(value);
  return isNumber && Number(value) <= max
    ? make(Number(value))
    : { invalid: `"${value}" must be a whole number from 0 to ${max}` };
}

function withWho(value: string, make: (who: Who) => StepAction): Parsed {
  if (value === 'leader' || value === 'follower') {
    return make(value);
  }
  const isOrdinal = /^[0-9]$/.test(value) && Number(value) <= ORDINAL_MAX;
  return isOrdinal ? make(Number(value)) : { invalid: `"${value}" must be ${WHO}` };
}
