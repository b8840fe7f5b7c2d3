/**
 * Writes what is shipped of others: `sbom.cdx.json` (CycloneDX) and `licences.txt` (name, version, licence), from the
 * lock file and without a network:
 *
 *     node scripts/build-sbom.ts [FOLDER]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { licenceFindings, licenceList } from './supply/licences.ts';
import { readLockFile } from './supply/lock-file.ts';
import { billOfMaterials } from './supply/sbom.ts';

const root = join(import.meta.dirname, '..');
const folder = resolve(process.argv[2] ?? join(root, 'dist'));
const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const bill = billOfMaterials(root, name);
const told = new Set(bill.components.map((component) => component['bom-ref']));
// The lock file also keeps what a library would take up if we shipped it, such as TypeScript.
const shipped = readLockFile(root).filter((each) => told.has(`${each.name}@${each.version}`));

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(bill, undefined, 2)}\n`);
writeFileSync(join(folder, 'licences.txt'), licenceList(shipped));

const findings = licenceFindings(shipped);
process.stderr.write(findings.map((line) => `${line}\n`).join(''));
process.exitCode = findings.length === 0 ? 0 : 1;
