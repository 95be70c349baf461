// Joins the list of requirements with the last result of every test that names one, into docs/requirements.md.
// A requirement holds when a test through HTTP whose title begins with its id passed, and none failed.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const LIST = 'docs/requirements';
const TARGET = 'docs/requirements.md';
const RESULTS = '.cache/test-results.json';
const IDS = /^[A-Z]{2}-\d{2,3}(?:, [A-Z]{2}-\d{2,3})*/;

if (!existsSync(RESULTS)) {
  console.error('No test has been run yet: run "npm test" first.');
  process.exit(1);
}

/** A suite that changed after its last run says nothing about what it says now. */
const isCurrent = ([file, { at }]) => existsSync(file) && statSync(file).mtime <= new Date(at);
const suites = Object.entries(JSON.parse(readFileSync(RESULTS, 'utf8'))).filter(isCurrent);

const named = suites.flatMap(([file, { tests }]) =>
  tests.flatMap(({ title, status }) =>
    (IDS.exec(title)?.[0].split(', ') ?? []).map((id) => ({
      id,
      file,
      title,
      status,
      http: file.startsWith('test/journeys/'),
    })),
  ),
);

const stateOf = (tests) => {
  if (tests.some(({ status }) => status === 'failed')) return 'FAILED';
  if (tests.some(({ http, status }) => http && status === 'passed')) return 'passed';
  return tests.some(({ status }) => status === 'passed') ? 'rule only, not through HTTP' : 'no test';
};

const requirements = readdirSync(LIST)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => Object.entries(JSON.parse(readFileSync(`${LIST}/${file}`, 'utf8'))));

const known = new Set(requirements.map(([id]) => id));
const strangers = [...new Set(named.map(({ id }) => id).filter((id) => !known.has(id)))];
if (strangers.length > 0) {
  console.error(`Tests name requirements that are not in ${LIST}: ${strangers.join(', ')}`);
  process.exit(1);
}

const cell = (text) => text.replaceAll('|', '\\|');
const rows = requirements.map(([id, { rule, shown }]) => {
  const tests = named.filter((test) => test.id === id);
  const counted =
    tests.length === 0 ? '' : `${tests.filter(({ status }) => status === 'passed').length} of ${tests.length}`;
  const files = [...new Set(tests.map(({ file }) => file))].map((file) => `\`${file}\``).join('<br>');
  return {
    state: stateOf(tests),
    line: `| ${id} | ${cell(rule)} | ${stateOf(tests)} | ${counted} | ${files} | ${shown} |`,
  };
});
const held = rows.filter(({ state }) => state === 'passed').length;

const page = `# Requirements

Written by \`npm run requirements\` from \`${LIST}\` and the last run of the tests; not to be edited. A requirement has passed
when a test through HTTP whose title begins with its id passed and none failed.

**${held} of ${rows.length} passed.**

| Id | Rule | State | Tests passed | Where | Shown by |
| --- | --- | --- | --- | --- | --- |
${rows.map(({ line }) => line).join('\n')}
`;
writeFileSync(TARGET, await format(page, { ...(await resolveConfig(TARGET)), parser: 'markdown' }));
console.log(`${TARGET}: ${held} of ${rows.length} passed`);
