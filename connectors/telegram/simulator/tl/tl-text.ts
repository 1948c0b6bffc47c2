import type { TlDefinition } from './schema.ts';
import { parseParam, parseType, toCamelCase } from './schema.ts';

const DEFINITION = /^([\w.]+)#([0-9a-f]{1,8})((?:\s+\S+:\S+)*)\s*=\s*([\w.<>%]+);$/;

/** Reads TL text: one definition a line, methods after `---functions---`. Lines without a constructor id are passed over. */
export function parseTlText(text: string): TlDefinition[] {
  const definitions: TlDefinition[] = [];
  let isMethod = false;
  for (const line of text.split('\n').map((raw) => raw.replace(/\/\/.*$/, '').trim())) {
    const section = /^---(\w+)---$/.exec(line);
    if (section !== null) {
      isMethod = section[1] === 'functions';
      continue;
    }
    const match = DEFINITION.exec(line);
    if (match === null) continue;
    const [, name = '', id = '', params = '', result = ''] = match;
    definitions.push({
      name: toCamelCase(name),
      id: Number.parseInt(id, 16),
      params: params
        .split(/\s+/)
        .filter((param) => param !== '' && !param.startsWith('{'))
        .map((param) => {
          const colon = param.indexOf(':');
          return parseParam(param.slice(0, colon), param.slice(colon + 1));
        }),
      result: parseType(result),
      resultName: result,
      isMethod,
    });
  }
  return definitions;
}
