import { define } from './metric-definition.ts';

/** From a server in the rack to a phone that has to wake up; seconds. */
const ROUND_TRIP_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15] as const;

/** Of sessions, their lines, their processes and the versions they run on. Labels as in `metric-definitions.ts`. */
export const sessionMetricDefinitions = define({
  sessionState: {
    name: 'bellhop_session_state',
    type: 'gauge',
    help: '1 for the state in which a session is, 0 for the others.',
    labels: ['session', 'channel', 'state'],
  },
  sessionUp: {
    name: 'bellhop_session_up',
    type: 'gauge',
    help: '1 while guests can reach the session (connected or degraded), else 0.',
    labels: ['session', 'channel'],
  },
  sessionSince: {
    name: 'bellhop_session_state_timestamp_seconds',
    type: 'gauge',
    help: 'When the session came into its state; Unix time.',
    labels: ['session', 'channel'],
  },
  sessionReason: {
    name: 'bellhop_session_reason_info',
    type: 'gauge',
    help: 'Always 1, while there is something to say about the session: `cause` is the code, `kind` and `happened` tell what it means, `action` what a person must do (`none`: Bellhop deals with it), `remedy` the same in words. Stays during the attempts to connect again.',
    labels: ['session', 'channel', 'cause', 'kind', 'happened', 'action', 'remedy'],
  },
  processRunning: {
    name: 'bellhop_process_running',
    type: 'gauge',
    help: 'Child processes that run sessions, by channel.',
    labels: ['channel'],
  },
  processSessions: {
    name: 'bellhop_process_sessions',
    type: 'gauge',
    help: 'Sessions in a child process. `process` is the smallest number that was free when it was started.',
    labels: ['channel', 'process'],
  },
  processResident: {
    name: 'bellhop_process_resident_bytes',
    type: 'gauge',
    help: 'Resident memory of a child process, as it told within the last 5 seconds.',
    labels: ['channel', 'process'],
  },
  processLag: {
    name: 'bellhop_process_loop_lag_seconds',
    type: 'gauge',
    help: 'Longest time that the event loop of a child process was blocked in its last 5 seconds.',
    labels: ['channel', 'process'],
  },
  processEnds: {
    name: 'bellhop_process_ends_total',
    type: 'counter',
    help: 'Child processes that ended and were replaced, by reason: `crashed`, `killed` (from outside), `out_of_memory` (its heap), `hung`, `slow` (blocked again and again), `memory` (grew beyond `sessions.maxMemoryMb`), `renewed` (by an operator), `regrouped` (set apart after crashes, and no longer).',
    labels: ['channel', 'reason'],
  },
  disconnects: {
    name: 'bellhop_session_disconnects_total',
    type: 'counter',
    help: 'Connections that ended, by kind of cause.',
    labels: ['session', 'kind'],
  },
  lineProven: {
    name: 'bellhop_line_proven_seconds',
    type: 'gauge',
    help: 'Age of the last proof that the line of a connected session hears: something pushed, a canary that came back, or an answered probe where nothing else can be asked. Absent while it is not connected.',
    labels: ['session', 'channel'],
  },
  lineQuestions: {
    name: 'bellhop_line_questions_total',
    type: 'counter',
    help: 'Questions to lines (`canary`, `probe`) by outcome: `answered`, `missed` (it found what the network had not sent), `refused`, `unanswered`, `unstored` (it came back and the store could not write).',
    labels: ['session', 'channel', 'question', 'outcome'],
  },
  lineRoundTrip: {
    name: 'bellhop_line_round_trip_seconds',
    type: 'histogram',
    help: 'How long answered questions to lines were on their way.',
    labels: ['channel', 'question'],
    buckets: ROUND_TRIP_BUCKETS,
  },
  lineDeaf: {
    name: 'bellhop_line_deaf_total',
    type: 'counter',
    help: 'Lines that looked connected and were found broken, by where: `bytes`, `answers`, `canary`, `pushes`, `library`.',
    labels: ['session', 'layer'],
  },
  versionsTried: {
    name: 'bellhop_client_versions_tried_total',
    type: 'counter',
    help: 'Client versions that were tried out or refused, by outcome: `accepted`, `refused`, `unclear` (it ended for another reason).',
    labels: ['channel', 'outcome'],
  },
  versionDegraded: {
    name: 'bellhop_client_version_degraded',
    type: 'gauge',
    help: '1 while sessions of the channel announce an older client version than the newest known, or none is accepted; else 0.',
    labels: ['channel'],
  },
  versionRounds: {
    name: 'bellhop_client_version_empty_rounds',
    type: 'gauge',
    help: 'How often in the search that goes on every known client version was refused; 0 while none goes on.',
    labels: ['channel'],
  },
  connectsWaiting: {
    name: 'bellhop_connects_waiting',
    type: 'gauge',
    help: 'Sessions whose attempt to connect is due and that wait until the start gate lets them begin.',
    labels: ['channel'],
  },
  connectsUnderWay: {
    name: 'bellhop_connects_under_way',
    type: 'gauge',
    help: 'Attempts to connect that have begun and have no outcome yet.',
    labels: ['channel'],
  },
  connectRate: {
    name: 'bellhop_connects_per_second',
    type: 'gauge',
    help: 'How many attempts may begin in a second just now: up to `sessions.connectsPerSecond`, less while the network refuses or this machine is late.',
    labels: ['channel'],
  },
});
