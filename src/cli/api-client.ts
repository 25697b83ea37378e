/** Podpass's API as a client sees it: what the command line does, it does over the wire like everybody else. */

/** An answer that was not the one expected; the message names the call and repeats the server's words. */
export class ApiError extends Error {}

export interface ApiReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

export interface Exchanged {
  readonly access_token: string;
  readonly expires_in: number;
}

const GRANT = 'urn:ibm:params:oauth:grant-type:';

export class ApiClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async call(method: string, path: string, token?: string, body?: unknown): Promise<ApiReply> {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return readReply(response);
  }

  /** Calls and insists on success. */
  async expect(method: string, path: string, token: string | undefined, body?: unknown): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.call(method, path, token, body);
    if (reply.status >= 200 && reply.status < 300) return reply.body;
    throw new ApiError(`${method} ${path} was answered ${reply.status}: ${describe(reply.body)}`);
  }

  async token(form: Readonly<Record<string, string>>): Promise<ApiReply> {
    return readReply(await fetch(`${this.#url}/identity/token`, { method: 'POST', body: new URLSearchParams(form) }));
  }

  async exchangeApiKey(apikey: string): Promise<string> {
    const reply = await this.token({ grant_type: `${GRANT}apikey`, apikey });
    if (reply.status !== 200) throw new ApiError(`The API key was not accepted: ${describe(reply.body)}`);
    return String(reply.body.access_token);
  }

  exchangePodToken(crToken: string, profileId: string): Promise<ApiReply> {
    return this.token({ grant_type: `${GRANT}cr-token`, cr_token: crToken, profile_id: profileId });
  }
}

async function readReply(response: Response): Promise<ApiReply> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>), headers: response.headers };
}

/** The server's own words in an error body, whichever family's envelope it is. */
export function describe(body: Readonly<Record<string, unknown>>): string {
  const [first] = Array.isArray(body.errors) ? (body.errors as { message?: string; details?: string; more_info?: string }[]) : [];
  const parts = [first?.message ?? body.errorMessage ?? body.description, first?.details ?? first?.more_info ?? body.errorDetails];
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' ');
}
