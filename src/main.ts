#!/usr/bin/env node
import { runProgram } from './cli/program.ts';
import { version } from './version.ts';

await runProgram(version, process.argv);
