/**
 * One keep-alive connection that carries one request at a time. It understands as much of HTTP/1.1 as the server
 * speaks, because the generator shares the processors with the server and must leave them to it.
 */
import { connect } from 'node:net';

export interface ClientReply {
  readonly status: number;
  readonly body: () => string;
}

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)\r\n/i;
const STATUS_AT = 'HTTP/1.1 '.length;

/** The first reply in `text`; undefined while a part of it is missing. */
function readReply(text: string): ClientReply | undefined {
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const length = LENGTH.exec(text.slice(0, headEnd + 2))?.[1];
  if (length === undefined) throw new Error(`A reply has no content-length:\n${text.slice(0, headEnd)}`);
  const bodyStart = headEnd + HEAD_END.length;
  if (text.length < bodyStart + Number(length)) return undefined;
  return { status: Number(text.slice(STATUS_AT, STATUS_AT + 3)), body: () => text.slice(bodyStart) };
}

/** Sends what `next` returns, hands every reply to `onReply`, and ends when `next` has nothing more. Rejects when the server hangs up. */
export function drive(port: number, next: () => Buffer | undefined, onReply: (reply: ClientReply) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    const sendNext = () => {
      const request = next();
      if (request) socket.write(request);
      else {
        socket.destroy();
        resolve();
      }
    };
    socket.setEncoding('latin1');
    socket.once('connect', sendNext);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('The server has closed a connection.')));
    socket.on('data', (chunk: string) => {
      received += chunk;
      try {
        const reply = readReply(received);
        if (!reply) return;
        received = '';
        onReply(reply);
        sendNext();
      } catch (error) {
        socket.destroy();
        reject(error);
      }
    });
  });
}
