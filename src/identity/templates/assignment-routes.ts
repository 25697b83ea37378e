/** Assignments of templates as a table. */
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { firstPage, type PagedList, type Pager, requireAccountId } from '../pages.ts';
import { tagged, withoutUndefined } from '../schema.ts';
import * as schema from './assignment-schema.ts';
import type { AssignmentPage, AssignmentService } from './assignment-service.ts';
import type { TemplateKindRow } from './template.ts';

const family = 'identity';

// A page token carries the whole query, so it wins over what stands beside it.
function readPage(query: (typeof schema.listAssignmentsQuery)['_output'], pager: Pager, list: PagedList): AssignmentPage {
  if (query.pagetoken !== undefined) return pager.open<AssignmentPage>(list, query.pagetoken);
  return {
    accountId: requireAccountId(query.account_id),
    ...withoutUndefined({
      templateId: query.template_id,
      templateVersion: query.template_version,
      target: query.target,
      targetType: query.target_type,
    }),
    ...firstPage({ ...query, pagesize: query.limit }),
  };
}

/** Every change is answered when it is done; 202 and the status are for clients that expect to wait. */
export function assignmentRoutes(assignments: AssignmentService, pager: Pager, row: TemplateKindRow): readonly Route[] {
  const path = row.assignmentsPath;
  const one = `${path}/:assignment_id`;
  const list: PagedList = { name: `${row.listMember}_assignments`, path, member: 'assignments' };
  return [
    guarded({
      method: 'POST',
      path,
      family,
      summary: `Assign ${row.aNoun} to an account`,
      body: schema.createAssignmentBody,
      async handle({ caller, info, body }) {
        const { template_id: templateId, template_version: templateVersion, target } = body;
        const assignment = await assignments.create({ caller, info }, { templateId, templateVersion, target });
        return tagged(202, schema.printAssignment(assignment));
      },
    }),
    guarded({
      method: 'GET',
      path,
      family,
      summary: `List assignments of ${row.noun}s`,
      query: schema.listAssignmentsQuery,
      async handle({ caller, info, query }) {
        const page = readPage(query, pager, list);
        const { items, hasMore } = await assignments.list({ caller, info }, page);
        const printed = items.map(({ assignment, ...extra }) => schema.printListedAssignment(assignment, extra));
        return { status: 200, body: pager.reply(list, page, hasMore, printed) };
      },
    }),
    guarded({
      method: 'GET',
      path: one,
      family,
      summary: `Get an assignment of ${row.aNoun}`,
      query: schema.getAssignmentQuery,
      async handle({ caller, info, params, query }) {
        const included = query.include_history ?? false;
        const { assignment, ...extra } = await assignments.get({ caller, info }, params.assignment_id ?? '', included);
        return tagged(200, schema.printAssignment(assignment, extra));
      },
    }),
    guarded({
      method: 'PATCH',
      path: one,
      family,
      summary: `Move an assignment to a version of its ${row.noun}, or try it again`,
      body: schema.updateAssignmentBody,
      async handle({ caller, info, params, headers, body }) {
        const ifMatch = requireIfMatch(headers);
        const assignment = await assignments.update({ caller, info }, params.assignment_id ?? '', ifMatch, body.template_version);
        return tagged(202, schema.printAssignment(assignment));
      },
    }),
    guarded({
      method: 'DELETE',
      path: one,
      family,
      summary: `Take ${row.aNoun} from an account again`,
      async handle({ caller, info, params }) {
        await assignments.remove({ caller, info }, params.assignment_id ?? '');
        return { status: 202 };
      },
    }),
  ];
}
