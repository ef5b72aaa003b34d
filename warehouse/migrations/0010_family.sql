-- Families of situations that are alike: decisions that the next release keeps to. Nothing is ever deleted here.

CREATE TABLE family (
    id      VARCHAR PRIMARY KEY,      -- of the situation that founded it
    founded BIGINT NOT NULL UNIQUE,   -- 1, 2, 3, ... in the order of founding
    into_id VARCHAR,                  -- the elder family that it was merged into; NULL while it stands by itself
    reason  VARCHAR,                  -- of that, and the run that did it
    run_id  VARCHAR,
    CHECK ((into_id IS NULL) = (reason IS NULL))
);

-- With the text, so that whoever comes later is compared with a situation that has gone, too.
CREATE TABLE family_member (
    situation_id VARCHAR PRIMARY KEY,
    joined       BIGINT NOT NULL UNIQUE,   -- 1, 2, 3, ... in the order of joining
    text         VARCHAR NOT NULL,
    family_id    VARCHAR NOT NULL          -- that it came into; follow into_id to what that is now
);
