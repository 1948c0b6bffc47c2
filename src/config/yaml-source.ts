import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { isRecord } from '../core/json.ts';

export type KeyPath = readonly (string | number)[];

export interface ConfigProblem {
  /** Dotted key, e.g. `server.port`; empty for the document as a whole. */
  readonly key: string;
  /** 1-based line in the file; absent where the value came from the environment or is missing. */
  readonly line?: number;
  /** Name of the environment variable that set the value. */
  readonly variable?: string;
  readonly message: string;
}

/** A parsed file that still knows on which line each key stands. */
export interface YamlSource {
  readonly value: Record<string, unknown>;
  readonly problems: readonly ConfigProblem[];
  /** The line of the key, or of its nearest parent that is in the file. */
  lineOf(path: KeyPath): number | undefined;
}

export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const problems = document.errors.map((error) => ({
    key: '',
    line: lines.linePos(error.pos[0]).line,
    message: error.message.split('\n')[0] ?? 'not valid YAML',
  }));
  const value: unknown = problems.length === 0 ? document.toJS() : {};
  if (value !== null && value !== undefined && !isRecord(value)) {
    problems.push({ key: '', line: 1, message: 'expected a mapping of keys at the top level' });
  }
  return {
    value: isRecord(value) ? { ...value } : {},
    problems,
    lineOf: (path) => lineOf(document, lines, path),
  };
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: KeyPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? offset) : offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
