import * as v from 'valibot';
import type { Asked } from '../../api/request-rule.ts';
import type { ObjectName, ObjectReader } from '../../kube/object-api.ts';
import { failureText } from '../../kube/outcome.ts';
import type { Logger } from '../../runtime/logger.ts';
import { CONFIG_MAP } from '../kinds.ts';
import { type Page, plain } from '../page-server.ts';
import { answerTo, readReview, takesLimits } from './admission-review.ts';
import type { AnswerReview } from './webhook-server.ts';

/** What became of a review. */
export type ReviewOutcome = 'allowed' | 'refused' | 'unanswered';

export type AnswerReviewsDeps = {
  readonly reader: Pick<ObjectReader, 'read'>;
  /** The ConfigMap of an administrator's limits; it need not be there. */
  readonly limits: ObjectName;
  readonly logger: Logger;
  readonly onOutcome: (outcome: ReviewOutcome) => void;
};

type Limits = Asked<unknown>['limits'];

const limitsSchema = v.object({ data: v.optional(v.record(v.string(), v.string()), {}) });

/**
 * Says to a review what the rules say. What cannot be read, and limits that are not known, are answered by an error,
 * which the API server ignores: unknown is neither a yes nor a no.
 */
export function answerReviews({ reader, limits, logger, onOutcome }: AnswerReviewsDeps): AnswerReview {
  const failing = (status: number, why: string): Page => {
    onOutcome('unanswered');
    logger.warn({ status }, `a review is not answered: ${why}`);
    return plain(status, `${why}\n`);
  };
  return async (body, signal) => {
    const reading = readReview(body);
    if (reading.kind === 'unreadable') {
      return failing(400, reading.why);
    }
    const { review } = reading;
    const known = takesLimits(review) ? await readLimits(reader, limits, signal) : {};
    if (typeof known === 'string') {
      return failing(503, known);
    }
    const answer = answerTo(review, known);
    if (answer.kind === 'unreadable') {
      return failing(400, answer.why);
    }
    onOutcome(answer.refusal === undefined ? 'allowed' : 'refused');
    if (answer.refusal !== undefined) {
      const { name, field } = answer.refusal;
      const { namespace, name: object } = (review.next ?? review.before)?.metadata ?? {};
      logger.info({ rule: name, field, namespace, object }, 'refused');
    }
    return { status: 200, body: JSON.stringify(answer.body), contentType: 'application/json' };
  };
}

/** A text says why they are not known. */
async function readLimits(
  reader: Pick<ObjectReader, 'read'>,
  place: ObjectName,
  signal: AbortSignal,
): Promise<Limits | string> {
  const found = await reader.read(CONFIG_MAP, place, signal);
  if (found.kind === 'not-found') {
    return {};
  }
  if (found.kind !== 'done') {
    return `the ConfigMap ${place.name} cannot be read: ${failureText(found)}`;
  }
  const parsed = v.safeParse(limitsSchema, found.value);
  return parsed.success ? parsed.output.data : `the ConfigMap ${place.name} makes no sense`;
}
