import type { AttributeValues } from './facts.ts';
import type { AttributeTest } from './operators.ts';

/** Whether one of the values that an attribute has satisfies the test, or its absence does. */
export function testValues(test: AttributeTest, values: AttributeValues): boolean {
  if (typeof values !== 'object') return test(values);
  if (values.length === 0) return test(undefined);
  for (const value of values) if (test(value)) return true;
  return false;
}

/** The values as a text for people; of a service the service itself, without those that it is a child of. */
export function textOfValues(key: string, values: AttributeValues): string | undefined {
  if (typeof values !== 'object') return values;
  return key === 'serviceName' ? values[0] : values.join(', ') || undefined;
}
