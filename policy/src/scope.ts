// Scope words that say who the token is for, not which services it reaches.
const identityScopes: ReadonlySet<string> = new Set(['ibm', 'openid', 'email', 'profile', 'roles']);
const ordinaryScope = 'ibm openid';
const noServices: readonly string[] = Object.freeze([]);

/** The services to which a token's scope restricts it; none where it does not. */
export function scopedServices(scope: string | undefined): readonly string[] {
  if (scope === undefined || scope === ordinaryScope) return noServices;
  return scope.split(' ').filter((word) => word !== '' && !identityScopes.has(word));
}

/** Whether the token's scope lets it reach the service: true unless the scope lists services and this is none of them. */
export function scopeReaches(scope: string | undefined, serviceNames: readonly string[]): boolean {
  const services = scopedServices(scope);
  return services.length === 0 || services.some((service) => serviceNames.includes(service));
}
