import { getMetadataStorage, type MetadataStorage } from 'class-validator';

type Found = ReturnType<MetadataStorage['getTargetValidationMetadatas']>;
type Arguments = Parameters<MetadataStorage['getTargetValidationMetadatas']>;

let done = false;

/**
 * class-validator gathers the rules of a class anew for every object, and for that it asks each of all classes whether it is
 * an ancestor: more than the rules themselves cost (0062). Here they are gathered once; a rule that is added later counts.
 */
export const gatherRulesOnce = (): void => {
  if (done) return;
  done = true;
  const storage = getMetadataStorage();
  const gather = storage.getTargetValidationMetadatas.bind(storage);
  const add = storage.addValidationMetadata.bind(storage);
  let known = new WeakMap<object, Found>();
  storage.addValidationMetadata = (metadata) => {
    known = new WeakMap();
    add(metadata);
  };
  storage.getTargetValidationMetadatas = (...given: Arguments): Found => {
    const [target, schema, always, strictGroups, groups] = given;
    if (typeof target !== 'function' || schema || always || strictGroups || (groups && groups.length > 0))
      return gather(...given);
    const rules = known.get(target) ?? gather(...given);
    known.set(target, rules);
    return rules;
  };
};
