/** Wire forms of account settings templates. */
import { z } from 'zod';
import { printSettings, templateSettingsBody } from '../settings/account-settings-schema.ts';
import { type TemplateWire, templateBodies } from './template-schema.ts';

const members = z.object({ account_settings: templateSettingsBody.optional() });

/** Settings that are sent take the place of all that were there; a template that names none touches nothing. */
export const accountSettingsTemplateWire: TemplateWire<'account_settings'> = {
  ...templateBodies<'account_settings', z.output<typeof members>>(members, (body, before = {}) => body.account_settings ?? before),
  print: (document) => ({ account_settings: printSettings(document) }),
};
