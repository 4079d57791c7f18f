import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Settings } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import type { ModelPrices } from '@labelwright/contract/llm';
import type { Role } from '@labelwright/contract/common';
import type { Answer } from '@labelwright/core/model/answer';
import type { ProviderKind } from '@labelwright/engine/providers/provider';

/** The database as Kysely sees it; the migrations say the same in SQL. */
export interface Tables {
  people: {
    id: Generated<number>;
    name: string;
    email: string;
    password_hash: string | null;
    admin: Generated<boolean>;
    disabled_at: Time | null;
    created_at: Now;
  };
  sessions: { token_hash: Buffer; person_id: number; csrf: string; created_at: Now; last_seen_at: Now; expires_at: Time };
  tokens: {
    id: Generated<number>;
    person_id: number;
    name: string;
    token_hash: Buffer;
    last_four: string;
    scope: 'read' | 'write';
    expires_at: Time;
    last_used_at: Time | null;
    revoked_at: Time | null;
    created_at: Now;
  };
  projects: {
    id: Generated<number>;
    name: string;
    schema: Document<SchemaJson>;
    settings: Document<Settings>;
    version: Generated<number>;
    items: Generated<number>;
    current_run: number | null;
    created_by: number;
    created_at: Now;
    archived_at: Time | null;
  };
  members: { project_id: number; person_id: number; role: Role };
  imports: {
    id: Generated<number>;
    project_id: number;
    person_id: number;
    file_name: string;
    state: Generated<'uploading' | 'uploaded' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled'>;
    size_bytes: number;
    received_bytes: Generated<number>;
    options: Defaulted<object>;
    records: Generated<number>;
    items: Generated<number>;
    duplicates: Generated<number>;
    problems: Generated<number>;
    first_problems: Defaulted<unknown[]>;
    share: Generated<number>;
    error: string | null;
    heartbeat_at: Time | null;
    created_at: Now;
  };
  items: {
    project_id: number;
    ordinal: number;
    id: string;
    fields: Document<Record<string, unknown>>;
    import_id: number | null;
    created_at: Now;
  };
  item_states: {
    project_id: number;
    ordinal: number;
    question: string;
    version: Generated<number>;
    /** People who answer it at present. */
    answered: Generated<number>;
    flagged: Generated<boolean>;
    /** The transaction that changed it last. */
    changed: Generated<string>;
  };
  answers: {
    action: string;
    project_id: number;
    ordinal: number;
    question: string;
    person_id: number;
    kind: 'answer' | 'skip' | 'flag' | 'retract';
    labels: Document<string[]> | null;
    note: string | null;
    base: number;
    version: number;
    seconds: Generated<number>;
    retracts: string | null;
    bulk: string | null;
    overlap: number | null;
    /** The audit that it answers. */
    audit_id: number | null;
    created_at: Now;
  };
  current_answers: {
    project_id: number;
    question: string;
    ordinal: number;
    person_id: number;
    action: string;
    kind: 'answer' | 'skip' | 'flag';
    labels: Document<string[]> | null;
    version: Generated<number>;
    created_at: Now;
  };
  actions: { action: string; person_id: number; project_id: number | null; kind: string; result: Document<object>; created_at: Now };
  leases: { project_id: number; question: string; ordinal: number; person_id: number; until: Time; reason: string };
  comments: {
    id: Generated<number>;
    project_id: number;
    ordinal: number;
    person_id: number;
    action: string;
    text: string;
    created_at: Now;
  };
  labelers: {
    id: Generated<number>;
    project_id: number;
    name: string;
    use: string;
    question: string;
    options: Document<Record<string, unknown>>;
    version: Generated<number>;
    enabled: Generated<boolean>;
    cost_usd: Generated<number>;
    statistics: Document<object> | null;
    updated_at: Now;
    deleted_at: Time | null;
  };
  labeler_versions: { labeler_id: number; version: number; options: Document<Record<string, unknown>>; person_id: number; created_at: Now };
  answer_chunks: {
    labeler_id: number;
    version: number;
    chunk: number;
    items: number;
    codes: Buffer;
    confidences: Buffer | null;
    answers: Document<string[][]>;
    /** None, or one: how many items failed, and why the first did. */
    failures: Defaulted<{ readonly count: number; readonly first: string; readonly item: string }[]>;
    fingerprint: Generated<string>;
    seconds: Generated<number>;
  };
  labeler_models: { labeler_id: number; version: number; fold: number; fingerprint: string; model: Buffer };
  imported_votes: { labeler_id: number; ordinal: number; labels: Document<string[]>; confidence: number | null };
  runs: {
    id: Generated<number>;
    project_id: number;
    number: number;
    person_id: number;
    state: Generated<'queued' | 'running' | 'done' | 'failed' | 'cancelled'>;
    phase: Generated<string>;
    done: Generated<number>;
    total: Generated<number>;
    items_per_second: Generated<number>;
    labelers: Defaulted<unknown[]>;
    results: Defaulted<unknown[]>;
    details: Defaulted<object>;
    only_labeler: number | null;
    error: string | null;
    cancel_requested: Generated<boolean>;
    created_at: Now;
    started_at: Time | null;
    finished_at: Time | null;
    heartbeat_at: Time | null;
  };
  estimates: {
    run_id: number;
    question: string;
    ordinal: number;
    answer: string[];
    probability: number;
    margin: number;
    posterior: number[];
    decision: number;
    votes: number;
    disagreement: boolean;
  };
  exports: {
    id: Generated<number>;
    project_id: number;
    number: number;
    person_id: number;
    state: Generated<'queued' | 'running' | 'done' | 'failed'>;
    options: Document<object>;
    format: string;
    file_name: string | null;
    items: Generated<number>;
    size_bytes: number | null;
    sha256: string | null;
    losses: Defaulted<unknown[]>;
    card: string | null;
    error: string | null;
    created_at: Now;
  };
  audits: {
    id: Generated<number>;
    project_id: number;
    number: number;
    question: string;
    run_id: number;
    /** The last run with the same accepted labels. */
    held_run: number;
    person_id: number;
    state: Generated<'open' | 'certified' | 'not-certified' | 'void' | 'cancelled'>;
    reason: string | null;
    target_error: number;
    confidence: number;
    planned_looks: number | null;
    /** Looks at these labels that audits before had taken. */
    looks_before: Generated<number>;
    seed: number;
    pool: number;
    drawn: number;
    /** Places that the last look covers. */
    looked: Generated<number>;
    looks: Defaulted<unknown[]>;
    created_at: Now;
    closed_at: Time | null;
  };
  /** The labels that a sample is drawn from: int32 ordinals and float32 probabilities, little-endian. */
  audit_pools: { audit_id: number; ordinals: Buffer; probabilities: Buffer };
  audit_items: {
    audit_id: number;
    /** In random order. */
    place: number;
    ordinal: number;
    labels: string[];
    probability: number;
    action: string | null;
    outcome: 'right' | 'wrong' | 'unclear' | null;
    answered_at: Time | null;
  };
  certificates: {
    id: Generated<number>;
    project_id: number;
    audit_id: number;
    run_id: number;
    question: string;
    state: Generated<'valid' | 'void'>;
    reason: string | null;
    text: string;
    pool: number;
    accepted: number;
    threshold: number;
    audited: number;
    wrong: number;
    bound: number;
    confidence: number;
    look: number;
    risk_spent: number;
    method: string;
    seed: number;
    created_at: Now;
    voided_at: Time | null;
  };
  gold_answers: {
    project_id: number;
    question: string;
    ordinal: number;
    /** Null: no gold, whatever the field says. */
    labels: Document<string[]> | null;
    person_id: number;
    created_at: Now;
  };
  /** What labelers say of items that people answered, estimated without people: one row per item of the last run. */
  held_out: { run_id: number; question: string; ordinal: number; posterior: number[] };
  connections: {
    id: Generated<number>;
    project_id: number;
    name: string;
    provider: ProviderKind;
    base_url: string | null;
    /** By engine/secrets, for this connection at this address alone. */
    sealed_key: string | null;
    key_last_four: string | null;
    allow_private: Generated<boolean>;
    prices: Defaulted<ModelPrices[]>;
    concurrency: Generated<number>;
    calls_per_minute: number | null;
    version: Generated<number>;
    created_at: Now;
    updated_at: Now;
  };
  askings: {
    id: Generated<number>;
    project_id: number;
    labeler_id: number;
    version: number;
    person_id: number;
    state: Generated<'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled'>;
    reason: string | null;
    done: Generated<number>;
    total: Generated<number>;
    cached: Generated<number>;
    /** How many of each kind. */
    failures: Defaulted<Record<string, number>>;
    settled_usd: Generated<number>;
    open_usd: Generated<number>;
    budget_usd: number | null;
    item_limit: number | null;
    then_run: Generated<boolean>;
    /** Version of the examples, fixed at the first start: the keys of its answers depend on it. */
    examples: string | null;
    items_per_second: Generated<number>;
    heartbeat_at: Time | null;
    created_at: Now;
    finished_at: Time | null;
  };
  llm_budgets: { project_id: number; budget_usd: number | null };
  llm_accounts: {
    project_id: number;
    /** 0: trials, tests of connections, proposals. */
    labeler_id: number;
    budget_usd: number | null;
    settled_usd: Generated<number>;
    open_usd: Generated<number>;
    calls: Generated<number>;
    answers: Generated<number>;
    input_tokens: Generated<number>;
    cached_tokens: Generated<number>;
    output_tokens: Generated<number>;
  };
  llm_calls: {
    id: string;
    project_id: number;
    labeler_id: number;
    asking_id: number | null;
    highest_usd: number;
    /** Null until its bill came. */
    usd: number | null;
    input_tokens: number | null;
    cached_tokens: number | null;
    output_tokens: number | null;
    created_at: Now;
    settled_at: Time | null;
  };
  llm_replies: { project_id: number; key: string; answer: Document<Answer>; created_at: Now };
  /** No labels and no failure: it could not tell. */
  llm_answers: {
    labeler_id: number;
    version: number;
    ordinal: number;
    asking_id: number;
    labels: Document<string[]> | null;
    confidence: number | null;
    failure: string | null;
    key: string;
    created_at: Now;
  };
  job_processes: { name: string; seen_at: Now };
  audit: {
    id: Generated<number>;
    time: Now;
    person_id: number | null;
    action: string;
    project_id: number | null;
    details: Defaulted<object>;
    hash: Buffer;
  };
}

type Time = ColumnType<Date, Date | string, Date | string>;
type Now = ColumnType<Date, Date | string | undefined, Date | string>;
type Document<Value extends object> = JSONColumnType<Value>;
/** A document that the database fills with an empty one. */
type Defaulted<Value extends object> = ColumnType<Value, string | undefined, string>;
