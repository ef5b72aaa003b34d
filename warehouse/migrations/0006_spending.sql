-- What each run asked of each teacher in each stage, and what it took; taken from the answer journal when a run ends.
CREATE TABLE spending (
    run_id            VARCHAR NOT NULL,         -- empty: before the journal noted runs
    teacher           VARCHAR NOT NULL,
    model             VARCHAR NOT NULL,
    stage             VARCHAR NOT NULL,
    answered          BIGINT NOT NULL,
    failed_tries      BIGINT NOT NULL,
    prompt_tokens     BIGINT NOT NULL,          -- of the answers, likewise the next
    completion_tokens BIGINT NOT NULL,
    answers_cost      DECIMAL(24, 12) NOT NULL, -- US dollars, as far as the price is known; likewise the next
    failed_cost       DECIMAL(24, 12) NOT NULL,
    unpriced          BIGINT NOT NULL,          -- answers and failed tries whose price is not known
    PRIMARY KEY (run_id, teacher, model, stage)
);
