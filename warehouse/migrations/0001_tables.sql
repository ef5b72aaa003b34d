-- No foreign keys: DuckDB checks them eagerly, so a situation's rows could not be replaced in one transaction.
-- warehouse/checks.py selects what a foreign key would have refused.

CREATE TABLE situation (
    id       VARCHAR PRIMARY KEY,
    arrival  BIGINT NOT NULL,      -- 1, 2, 3, ... in order of first coming; releases are ordered by it
    text     VARCHAR NOT NULL,
    source   VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    licence  VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    flags    VARCHAR[] NOT NULL
);

-- The raw text stays in the answer journal; this is what an analyst asks about an answer.
CREATE TABLE answer (
    request_hash      VARCHAR PRIMARY KEY,
    situation_id      VARCHAR NOT NULL,
    teacher           VARCHAR NOT NULL,
    model             VARCHAR NOT NULL,
    prompt_version    VARCHAR NOT NULL,
    params            JSON NOT NULL,
    finish_reason     VARCHAR NOT NULL,
    prompt_tokens     BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost              DECIMAL(24, 12),       -- US dollars; 12 places hold any price per million tokens; NULL: unknown
    latency           DOUBLE NOT NULL,       -- seconds
    created_at        TIMESTAMPTZ NOT NULL
);

CREATE TABLE consideration (
    id           VARCHAR PRIMARY KEY,
    situation_id VARCHAR NOT NULL,
    vrd          VARCHAR NOT NULL CHECK (vrd IN ('Value', 'Right', 'Duty')),
    text         VARCHAR NOT NULL,
    explanation  VARCHAR NOT NULL,
    valence      VARCHAR NOT NULL CHECK (valence IN ('Supports', 'Opposes', 'Either')),
    teacher      VARCHAR NOT NULL,
    request_hash VARCHAR NOT NULL,
    position     INTEGER NOT NULL,
    relevance    DOUBLE CHECK (relevance BETWEEN 0 AND 1),
    canonical_id VARCHAR,
    conflict_id  VARCHAR
);

CREATE TABLE rejected (
    stage        VARCHAR NOT NULL,
    subject_id   VARCHAR NOT NULL,
    rule         VARCHAR NOT NULL,
    detail       VARCHAR NOT NULL,
    times        BIGINT NOT NULL,   -- a teacher that says one thing four times has three duplicates of one id
    situation_id VARCHAR,           -- set where the row was derived from a situation's answers and goes with them
    run_id       VARCHAR NOT NULL,  -- the run that saw it last
    PRIMARY KEY (stage, subject_id, rule)
);

-- A situation is derived anew when the fingerprint of its answers and of our version is another one.
CREATE TABLE derived (
    situation_id VARCHAR PRIMARY KEY,
    fingerprint  VARCHAR NOT NULL
);

CREATE TABLE embedding (
    model  VARCHAR NOT NULL,
    text   VARCHAR NOT NULL,
    vector FLOAT[] NOT NULL,
    PRIMARY KEY (model, text)
);

CREATE TABLE run (
    run_id       VARCHAR PRIMARY KEY,
    command      VARCHAR NOT NULL,
    started_at   TIMESTAMPTZ NOT NULL,
    finished_at  TIMESTAMPTZ,        -- NULL: it runs, or it was killed
    settings     JSON NOT NULL,
    code_version VARCHAR NOT NULL,
    outcome      VARCHAR
);

CREATE TABLE run_stage (
    run_id   VARCHAR NOT NULL,
    stage    VARCHAR NOT NULL,
    came_in  BIGINT NOT NULL,
    kept     BIGINT NOT NULL,
    held     BIGINT NOT NULL,        -- was here already, from this run or an earlier one
    rejected BIGINT NOT NULL,
    PRIMARY KEY (run_id, stage),
    CHECK (came_in = kept + held + rejected)  -- nothing that comes in vanishes
);
