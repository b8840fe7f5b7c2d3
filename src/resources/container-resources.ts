import type { ResourceRequirements } from '../api/kubernetes.ts';
import { numberOf } from '../api/quantity.ts';
import type { Resources } from './container.ts';
import { type Quantities, quantityTexts } from './quantity-texts.ts';

const ETCD_DEFAULT = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '1000m', memory: '1Gi' },
} as const;

/**
 * A settled agent holds 71 MB, of which 52 MB are pages of the Node binary that agents of one node share, and
 * uses 0.2 % of a core. While it starts, or has its garbage collected late, it takes up to twice that. It has
 * no CPU limit: throttled, its 0.2 s of start-up would become seconds during which its etcd may not start.
 */
export const AGENT_RESOURCES: Resources = {
  requests: { cpu: '20m', memory: '96Mi' },
  limits: { memory: '192Mi' },
};

/** For a shell that makes one pipe and ends. */
export const PIPE_RESOURCES: Resources = {
  requests: { cpu: '10m', memory: '16Mi' },
  limits: { memory: '32Mi' },
};

/**
 * The resources of etcd's container: what is given, and the default for each quantity that is not. Where a
 * default contradicts what was given beside it, it gives way: a limit is raised to the request, a request
 * lowered to the limit.
 *
 * Neither GOMAXPROCS nor GOMEMLIMIT is set. Today's patches of 3.5, 3.6 and 3.7 are built with Go 1.26, which
 * heeds CPU limits by itself; and much of etcd's memory is its mapped database, which Go's limit does not see,
 * so that no share of the container's limit is the right one. `podTemplate.env` can set either.
 */
export function etcdResourcesOf(given: ResourceRequirements | undefined): Resources {
  const { requests = {}, limits = {} } = given ?? {};
  return {
    requests: quantityTexts({ ...atMost(ETCD_DEFAULT.requests, limits), ...requests }),
    limits: quantityTexts({ ...atLeast(ETCD_DEFAULT.limits, requests), ...limits }),
  };
}

function atMost(defaults: Quantities, bounds: Quantities): Quantities {
  return adjusted(defaults, bounds, (value, bound) => value > bound);
}

function atLeast(defaults: Quantities, bounds: Quantities): Quantities {
  return adjusted(defaults, bounds, (value, bound) => value < bound);
}

function adjusted(
  defaults: Quantities,
  bounds: Quantities,
  contradict: (value: number, bound: number) => boolean,
): Quantities {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => {
      const bound = bounds[name];
      const gives = bound !== undefined && contradict(numberOf(value) ?? 0, numberOf(bound) ?? 0);
      return [name, gives ? bound : value];
    }),
  );
}
