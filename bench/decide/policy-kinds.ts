/** The kinds of policies in the account, one row each: what it says, what is covered by it, and how to ask for something that is. */
import type { AttributeClause, Rule } from '@podpass/policy';
import type { BenchService } from './services.ts';

/** What a question says of the resource. */
export interface Place {
  readonly service: BenchService;
  /** Number of an instance of the service. */
  readonly instance: number;
  readonly resourceType?: string;
  readonly resource?: string;
  readonly path?: string;
  readonly withResourceGroup: boolean;
}

/** What a kind makes a policy from. */
export interface Draw {
  readonly service: BenchService;
  readonly instance: number;
  /** A team, of which there are `TEAMS`. */
  readonly team: number;
}

export interface PolicyKind {
  readonly name: string;
  /** How many of a hundred policies are of this kind. */
  readonly share: number;
  write(draw: Draw): {
    readonly clauses: readonly AttributeClause[];
    readonly tags?: readonly AttributeClause[];
    readonly pattern?: string;
    readonly rule?: Rule;
  };
  /** What a question has to say to be covered. */
  ask(draw: Draw): Partial<Place>;
  /** Whether the policy covers the place, of which one knows that it is in the policy's service. */
  covers(draw: Draw, place: Place, time: BenchTime): boolean;
  /** Whether it covers services of any name. */
  readonly isForAllServices?: true;
}

/** The instant as the rules of the account see it: within office hours or out of them. */
export type BenchTime = 'office' | 'weekend';

export const TEAMS = 40;
const RESOURCE_GROUPS = 12;
/** How many instances an `any of` names: one, and those after it. */
export const NEIGHBOURS = 3;
/** One instance of so many has access tags. */
export const TAGGED_EVERY = 5;

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
export const instanceId = ({ name }: BenchService, instance: number): string =>
  `${hex(instance, 8)}-${hex(name.length, 4)}-4000-8000-${hex(instance * 48271, 12)}`;
export const resourceGroupOf = (instance: number): string => hex((instance % RESOURCE_GROUPS) + 1, 32);
/** The access tags of an instance of any service. */
export const tagsOfInstance = (instance: number): readonly string[] =>
  instance % TAGGED_EVERY === 0 ? [`team:${instance % TEAMS}`, `env:${instance % 2 === 0 ? 'prod' : 'test'}`] : [];

const equals = (key: string, value: string): AttributeClause => ({ key, operator: 'stringEquals', value });
const named = ({ service }: Draw): AttributeClause => equals('serviceName', service.name);
const ofInstance = ({ service, instance }: Draw): AttributeClause => equals('serviceInstance', instanceId(service, instance));
const environment = (name: string) => `{{environment.attributes.${name}}}`;
const attribute = (name: string) => `{{resource.attributes.${name}}}`;
const neighboursOf = (instance: number) => Array.from({ length: NEIGHBOURS }, (_, step) => instance + step);
const isOfOfficeHours = ({ team }: Draw) => team % 2 === 0;

export const POLICY_KINDS: readonly PolicyKind[] = [
  {
    name: 'service',
    share: 6,
    write: (draw) => ({ clauses: [named(draw)] }),
    ask: () => ({}),
    covers: () => true,
  },
  {
    name: 'instance',
    share: 32,
    write: (draw) => ({ clauses: [named(draw), ofInstance(draw)] }),
    ask: ({ instance }) => ({ instance }),
    covers: (draw, { instance }) => instance === draw.instance,
  },
  {
    name: 'resource',
    share: 16,
    write: (draw) => ({
      clauses: [named(draw), ofInstance(draw), equals('resourceType', 'bucket'), equals('resource', `data-${draw.team}`)],
    }),
    ask: ({ instance, team }) => ({ instance, resourceType: 'bucket', resource: `data-${team}` }),
    covers: (draw, { instance, resourceType, resource }) =>
      instance === draw.instance && resourceType === 'bucket' && resource === `data-${draw.team}`,
  },
  {
    name: 'wildcard',
    share: 12,
    write: (draw) => ({
      clauses: [
        named(draw),
        equals('resourceType', 'bucket'),
        { key: 'resource', operator: 'stringMatch', value: `team-${draw.team}-*-logs` },
      ],
    }),
    ask: ({ team }) => ({ resourceType: 'bucket', resource: `team-${team}-web-logs` }),
    covers: ({ team }, { resourceType, resource = '' }) =>
      resourceType === 'bucket' && resource.startsWith(`team-${team}-`) && resource.endsWith('-logs'),
  },
  {
    name: 'any of',
    share: 10,
    write: (draw) => ({
      clauses: [
        named(draw),
        {
          key: 'serviceInstance',
          operator: 'stringEqualsAnyOf',
          value: neighboursOf(draw.instance).map((instance) => instanceId(draw.service, instance)),
        },
      ],
    }),
    ask: ({ instance }) => ({ instance: instance + NEIGHBOURS - 1 }),
    covers: (draw, { instance }) => neighboursOf(draw.instance).includes(instance),
  },
  {
    name: 'resource group',
    share: 8,
    isForAllServices: true,
    write: ({ instance }) => ({ clauses: [equals('serviceType', 'service'), equals('resourceGroupId', resourceGroupOf(instance))] }),
    ask: ({ instance }) => ({ instance, withResourceGroup: true }),
    covers: (draw, { instance, withResourceGroup }) => withResourceGroup && resourceGroupOf(instance) === resourceGroupOf(draw.instance),
  },
  {
    name: 'tags',
    share: 6,
    write: (draw) => ({ clauses: [named(draw)], tags: [equals('team', String(draw.instance % TEAMS)), equals('env', 'prod')] }),
    ask: ({ instance }) => ({ instance }),
    covers: (draw, { instance }) => {
      const tags = tagsOfInstance(instance);
      return tags.includes(`team:${draw.instance % TEAMS}`) && tags.includes('env:prod');
    },
  },
  {
    name: 'weekly hours',
    share: 5,
    write: (draw) => ({
      clauses: [named(draw), ofInstance(draw)],
      pattern: 'time-based-conditions:weekly:custom-hours',
      rule: {
        operator: 'and',
        conditions: [
          {
            key: environment('day_of_week'),
            operator: 'dayOfWeekAnyOf',
            value: isOfOfficeHours(draw) ? ['1+00:00', '2+00:00', '3+00:00', '4+00:00', '5+00:00'] : ['6+00:00', '7+00:00'],
          },
          { key: environment('current_time'), operator: 'timeGreaterThanOrEquals', value: '09:00:00+00:00' },
          { key: environment('current_time'), operator: 'timeLessThanOrEquals', value: '17:00:00+00:00' },
        ],
      },
    }),
    ask: ({ instance }) => ({ instance }),
    covers: (draw, { instance }, time) => instance === draw.instance && isOfOfficeHours(draw) === (time === 'office'),
  },
  {
    name: 'resource rule',
    share: 5,
    write: (draw) => ({
      clauses: [named(draw)],
      pattern: 'attribute-based-condition:resource:literal-and-wildcard',
      rule: {
        operator: 'or',
        conditions: [
          { key: attribute('path'), operator: 'stringMatchAnyOf', value: [`home/team-${draw.team}/*`, `shared/team-${draw.team}/*`] },
          { key: attribute('path'), operator: 'stringEquals', value: `team-${draw.team}.json` },
        ],
      },
    }),
    ask: ({ team }) => ({ path: `shared/team-${team}/report.pdf` }),
    covers: ({ team }, { path = '' }) =>
      path.startsWith(`home/team-${team}/`) || path.startsWith(`shared/team-${team}/`) || path === `team-${team}.json`,
  },
];
