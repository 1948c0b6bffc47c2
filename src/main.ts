#!/usr/bin/env node
import { runProgram } from './cli/program.ts';
import { outliveReaders } from './cli/terminal.ts';
import { version } from './version.ts';

outliveReaders([process.stdout, process.stderr]);
await runProgram(version, process.argv);
