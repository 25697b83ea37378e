/** The access tags (`key:value`) of one instance of a service; what is below the instance inherits them. */
export interface ResourceTags {
  readonly serviceName: string;
  readonly serviceInstance: string;
  readonly tags: readonly string[];
}

/** How many tags one instance has at most. */
export const MAX_TAGS = 1000;

/** Key and value of letters, digits, spaces, `_`, `-` and `.` (IBM Cloud, "Working with tags"); compared byte by byte. */
export const ACCESS_TAG = /^(?! )[A-Za-z0-9_.\- ]{1,128}(?<! ):(?! )[A-Za-z0-9_.\- ]{1,128}(?<! )$/;

/** Printable characters but those that CRNs and the change feed separate with. */
export const INSTANCE = /^[\x21-\x2e\x30-\x39\x3b-\x7e]{1,200}$/;
