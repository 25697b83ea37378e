/** The roles API's wire forms. */
import { z } from 'zod';

const displayName = z.string().min(1).max(50);
/** Terraform sends an empty one where none is configured. */
const description = z.string().max(250);
const actions = z.array(z.string().min(1).max(200)).min(1).max(500);

/** A client that changes a role sends back what it read: other members are ignored. */
export const createRoleBody = z.object({
  name: z.string().regex(/^[A-Z][A-Za-z0-9]{0,29}$/, 'must be 1 to 30 letters and digits, a capital letter first'),
  display_name: displayName,
  description: description.optional(),
  account_id: z.string().min(1).max(100),
  service_name: z.string().min(1).max(100),
  actions,
});

export const updateRoleBody = z.object({ display_name: displayName, description: description.optional(), actions });

/** Terraform sends a parameter that it has no value for as an empty one. */
const parameter = z
  .string()
  .max(100)
  .transform((given) => (given === '' ? undefined : given))
  .optional();

export const listRolesQuery = z
  .object({
    account_id: parameter,
    service_name: parameter,
    service_group_id: parameter,
    source_service_name: parameter,
    policy_type: z.enum(['access', 'authorization']).optional(),
  })
  .refine(
    ({ service_name, service_group_id }) => service_name === undefined || service_group_id === undefined,
    'service_name and service_group_id exclude each other',
  );
