// Lets Node run the TypeScript sources as they are, for worker threads and benchmarks that need no build:
// sources import one another as `./x.js`, which is what they will be called once compiled. Node only strips
// types, so what is run this way must do without enums and parameter properties.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const isOwn = context.parentURL?.endsWith('.ts') && specifier.startsWith('.') && specifier.endsWith('.js');
    return next(isOwn ? `${specifier.slice(0, -'.js'.length)}.ts` : specifier, context);
  },
});
