-- What people are asked, by whom it is answered, and the answers. Nothing here leads to a person without the key to
-- their pseudonym, which is a setting and never stored.

CREATE TABLE campaign (
    id         VARCHAR PRIMARY KEY,
    study      VARCHAR NOT NULL,       -- TOML
    seed       BIGINT NOT NULL,
    settings   VARCHAR NOT NULL,       -- TOML
    state      VARCHAR NOT NULL CHECK (state IN ('planned', 'running', 'ended')),
    created_at TIMESTAMPTZ NOT NULL
);

-- Considerations as people see them: what becomes of the dataset meanwhile changes no question that was asked.
CREATE TABLE campaign_item (
    campaign_id  VARCHAR NOT NULL,
    id           VARCHAR NOT NULL,
    situation_id VARCHAR NOT NULL,
    situation    VARCHAR NOT NULL,
    vrd          VARCHAR NOT NULL CHECK (vrd IN ('Value', 'Right', 'Duty')),
    text         VARCHAR NOT NULL,
    explanation  VARCHAR NOT NULL,
    valence      VARCHAR NOT NULL CHECK (valence IN ('Supports', 'Opposes', 'Either')),
    gold         VARCHAR CHECK (gold IN ('valid', 'flipped', 'foreign')),   -- NULL: an item that is asked about
    PRIMARY KEY (campaign_id, id)
);

CREATE TABLE seat (
    campaign_id  VARCHAR NOT NULL,
    id           VARCHAR NOT NULL,
    stratum      VARCHAR NOT NULL,
    annotator_id VARCHAR,
    state        VARCHAR NOT NULL CHECK (state IN ('free', 'taken', 'done', 'closed')),
    PRIMARY KEY (campaign_id, id)
);

-- One row a page of a seat's block.
CREATE TABLE deal (
    uid          VARCHAR PRIMARY KEY,
    campaign_id  VARCHAR NOT NULL,
    seat_id      VARCHAR NOT NULL,
    position     INTEGER NOT NULL,
    kind         VARCHAR NOT NULL CHECK (kind IN ('intro', 'before', 'item', 'gold', 'repeat', 'after')),
    item_id      VARCHAR NOT NULL,
    situation_id VARCHAR NOT NULL
);

-- Who has agreed to take part; what they said of themselves is in the next table.
CREATE TABLE annotator (
    id VARCHAR PRIMARY KEY
);

CREATE TABLE demographic (
    annotator_id VARCHAR NOT NULL,
    dimension    VARCHAR NOT NULL,
    place        INTEGER NOT NULL,     -- in the order of asking
    category     VARCHAR NOT NULL,
    PRIMARY KEY (annotator_id, dimension)
);

CREATE TABLE vote (
    uid          VARCHAR NOT NULL,     -- of the page
    question     VARCHAR NOT NULL,
    annotator_id VARCHAR NOT NULL,
    item_id      VARCHAR NOT NULL,     -- the situation's id where the question is about that
    answer       VARCHAR NOT NULL,
    seconds      DOUBLE,               -- for the whole page
    answered_at  TIMESTAMPTZ NOT NULL, -- an answer that was changed has the time of the change
    PRIMARY KEY (uid, question)
);

-- Which project on the server is a seat's, and how far its answers have been pulled.
CREATE TABLE pull_cursor (
    campaign_id VARCHAR NOT NULL,
    seat_id     VARCHAR NOT NULL,
    project_id  BIGINT NOT NULL,
    pulled_to   TIMESTAMPTZ,           -- NULL: nothing yet
    PRIMARY KEY (campaign_id, seat_id)
);

-- That somebody was forgotten, and enough to refuse them when they come with the next pull: a hash of their pseudonym.
CREATE TABLE forgotten (
    digest       VARCHAR PRIMARY KEY,
    votes        BIGINT NOT NULL,
    forgotten_at TIMESTAMPTZ NOT NULL
);
