/**
 * Migration 3: stored objects get the fields that messages, polls and accounts have since then, so that nothing has to ask for
 * them when it reads. The log too: an old event is told in the shape that the API describes. Walks over every message once.
 */
export const SCHEMA_3 = `
UPDATE messages SET object = json_set(object,
  '$.entities', json('[]'), '$.albumId', NULL, '$.buttons', json('[]'), '$.button', NULL, '$.forwarded', json('false'));
UPDATE messages SET object = json_set(object, '$.poll.votes', json('[]')) WHERE json_type(object, '$.poll') = 'object';
UPDATE events SET data = json_set(data,
  '$.message.entities', json('[]'), '$.message.albumId', NULL, '$.message.buttons', json('[]'), '$.message.button', NULL,
  '$.message.forwarded', json('false'))
  WHERE json_type(data, '$.message') = 'object';
UPDATE events SET data = json_set(data, '$.message.poll.votes', json('[]'))
  WHERE json_type(data, '$.message.poll') = 'object';
UPDATE sessions SET object = json_set(object, '$.account.kind', NULL) WHERE json_type(object, '$.account') = 'object';
UPDATE events SET data = json_set(data, '$.session.account.kind', NULL)
  WHERE json_type(data, '$.session.account') = 'object';
`;
