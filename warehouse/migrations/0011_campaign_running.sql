-- What a campaign needs to know while people answer it on a server. No token and no password is here: these are
-- settings, or follow from the key to the pseudonyms.

CREATE TABLE campaign_server (
    campaign_id VARCHAR PRIMARY KEY,
    base_url    VARCHAR NOT NULL
);

-- By which number and account the server knows who has a seat. Whatever somebody else writes on its pages is refused.
CREATE TABLE seat_person (
    campaign_id VARCHAR NOT NULL,
    seat_id     VARCHAR NOT NULL,
    person      BIGINT NOT NULL,
    email       VARCHAR NOT NULL,
    since       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (campaign_id, seat_id)
);

-- Pages that have been answered, consent and those among them of whose answers none could be taken: a page is done for
-- its person though it holds no vote.
CREATE TABLE answered_page (
    uid          VARCHAR PRIMARY KEY,
    annotator_id VARCHAR NOT NULL,
    answered_at  TIMESTAMPTZ NOT NULL
);
INSERT INTO answered_page SELECT uid, any_value(annotator_id), max(answered_at) FROM vote GROUP BY uid;

-- Where raw exports were kept, so that they can be told to whoever is to forget somebody.
CREATE TABLE raw_export (
    campaign_id VARCHAR NOT NULL,
    directory   VARCHAR NOT NULL,
    PRIMARY KEY (campaign_id, directory)
);
