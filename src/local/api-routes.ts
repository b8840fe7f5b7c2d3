/** What a request asks for: only what the agent and our own commands use. */
export type ApiRoute =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-allowed' }
  | { readonly kind: 'statefulsets'; readonly namespace: string; readonly name: string; readonly verb: 'get' }
  | {
      readonly kind: 'scale';
      readonly namespace: string;
      readonly name: string;
      readonly verb: 'get' | 'patch';
    }
  | {
      readonly kind: 'configmaps';
      readonly namespace: string;
      readonly name: string;
      readonly verb: 'get' | 'update';
    }
  /** An empty name asks for the list. */
  | { readonly kind: 'pods'; readonly namespace: string; readonly name: string; readonly verb: 'get' };

/** The route of a request; `path` without its query. */
export function routeOf(method: string, path: string): ApiRoute {
  const apps = /^\/apis\/apps\/v1\/namespaces\/([a-z0-9-]+)\/statefulsets\/([a-z0-9.-]+)(\/scale)?$/.exec(
    path,
  );
  const core = /^\/api\/v1\/namespaces\/([a-z0-9-]+)\/(configmaps|pods)(?:\/([a-z0-9.-]+))?$/.exec(path);
  if (apps !== null) {
    const [, namespace = '', name = '', scale] = apps;
    return scale === undefined
      ? allow(method, { GET: { kind: 'statefulsets', namespace, name, verb: 'get' } })
      : allow(method, {
          GET: { kind: 'scale', namespace, name, verb: 'get' },
          PATCH: { kind: 'scale', namespace, name, verb: 'patch' },
        });
  }
  if (core !== null) {
    const [, namespace = '', resource, name = ''] = core;
    return resource === 'pods'
      ? allow(method, { GET: { kind: 'pods', namespace, name, verb: 'get' } })
      : configMapRoute(method, namespace, name);
  }
  return { kind: 'unknown' };
}

function configMapRoute(method: string, namespace: string, name: string): ApiRoute {
  return name === ''
    ? { kind: 'not-allowed' }
    : allow(method, {
        GET: { kind: 'configmaps', namespace, name, verb: 'get' },
        PUT: { kind: 'configmaps', namespace, name, verb: 'update' },
      });
}

function allow(method: string, routes: Readonly<Record<string, ApiRoute>>): ApiRoute {
  return Object.hasOwn(routes, method) ? (routes[method] ?? NOT_ALLOWED) : NOT_ALLOWED;
}

const NOT_ALLOWED: ApiRoute = { kind: 'not-allowed' };
