/** Explanations and what-if as a table. */
import { guarded, type Route } from '../kernel/route.ts';
import { explainBody, printExplained } from './explain-schema.ts';
import { createExplainService, type ExplainDeps } from './explain-service.ts';
import { printWhatIf, whatIfBody } from './what-if-schema.ts';
import { createWhatIfService, type WhatIfDeps } from './what-if-service.ts';

export type ExplainRouteDeps = ExplainDeps & WhatIfDeps;

export function explainRoutes(deps: ExplainRouteDeps): readonly Route[] {
  const explanations = createExplainService(deps);
  const questions = createWhatIfService(deps);
  return [
    guarded({
      method: 'POST',
      path: '/podpass/v1/explain',
      family: 'identity',
      summary: 'Explain why something was permitted or refused, and what would change that',
      body: explainBody,
      async handle({ caller, info, body }) {
        const { explanations: found, isCut } = await explanations.explain({ caller, info }, body);
        const printed = found.map(({ explained, recorded }) => printExplained(explained, recorded));
        return { status: 200, body: { account_id: body.account_id, explanations: printed, ...(isCut && { truncated: true }) } };
      },
    }),
    guarded({
      method: 'POST',
      path: '/podpass/v1/what-if',
      family: 'identity',
      summary: 'Find out which recorded exchanges and decisions changes would turn',
      body: whatIfBody,
      async handle({ caller, info, body }) {
        return { status: 200, body: printWhatIf(body.account_id, await questions.whatIf({ caller, info }, body)) };
      },
    }),
  ];
}
