/** The identities that may assume a profile, as a table. */
import { DomainError } from '../../kernel/errors.ts';
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { tagged } from '../schema.ts';
import { IDENTITY_TYPES, type IdentityType, isIdentityType } from './profile-identity.ts';
import type { ProfileIdentities, ProfileIdentityService } from './profile-identity-service.ts';
import { identityBody, printProfileIdentity, setIdentitiesBody } from './profile-schema.ts';

const family = 'identity';
const IDENTITIES = '/v1/profiles/:profile_id/identities';
const IDENTITY = `${IDENTITIES}/:identity_type/:identifier`;

const printList = ({ entityTag, identities }: ProfileIdentities) => ({
  entity_tag: entityTag,
  identities: identities.map(printProfileIdentity),
});

function readType(text: string | undefined): IdentityType {
  if (text !== undefined && isIdentityType(text)) return text;
  throw new DomainError('invalid_field', {
    message: `'${(text ?? '').slice(0, 60)}' is not a type of identity.`,
    details: `The path names one of ${IDENTITY_TYPES.join(', ')} after /identities/.`,
  });
}

export function profileIdentityRoutes(identities: ProfileIdentityService): readonly Route[] {
  return [
    guarded({
      method: 'GET',
      path: IDENTITIES,
      family,
      summary: 'List the identities that may assume a trusted profile',
      async handle({ caller, info, params }) {
        return tagged(200, printList(await identities.list({ caller, info }, params.profile_id ?? '')));
      },
    }),
    guarded({
      method: 'PUT',
      path: IDENTITIES,
      family,
      summary: 'Replace the identities that may assume a trusted profile',
      body: setIdentitiesBody,
      async handle({ caller, info, params, headers, body }) {
        const ifMatch = requireIfMatch(headers);
        return tagged(200, printList(await identities.set({ caller, info }, params.profile_id ?? '', ifMatch, body.identities)));
      },
    }),
    guarded({
      method: 'POST',
      path: `${IDENTITIES}/:identity_type`,
      family,
      summary: 'Add an identity that may assume a trusted profile',
      body: identityBody,
      async handle({ caller, info, params, body }) {
        const type = readType(params.identity_type);
        if (body.type !== type) {
          throw new DomainError('invalid_field', {
            message: `Field 'type' is '${body.type}', and the path says '${type}'.`,
            details: 'Both must name the same type of identity.',
          });
        }
        const { profile, identity } = await identities.put({ caller, info }, params.profile_id ?? '', body);
        // The identity has no tag of its own: it is the profile that changed.
        return { status: 200, body: printProfileIdentity(identity), headers: { etag: profile.entityTag } };
      },
    }),
    guarded({
      method: 'GET',
      path: IDENTITY,
      family,
      summary: 'Get an identity that may assume a trusted profile',
      async handle({ caller, info, params }) {
        const type = readType(params.identity_type);
        const identity = await identities.get({ caller, info }, params.profile_id ?? '', type, params.identifier ?? '');
        return { status: 200, body: printProfileIdentity(identity) };
      },
    }),
    guarded({
      method: 'DELETE',
      path: IDENTITY,
      family,
      summary: 'Remove an identity that may assume a trusted profile',
      async handle({ caller, info, params }) {
        await identities.remove({ caller, info }, params.profile_id ?? '', readType(params.identity_type), params.identifier ?? '');
        return { status: 204 };
      },
    }),
  ];
}
