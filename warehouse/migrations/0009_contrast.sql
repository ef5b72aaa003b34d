-- Situations that a teacher changed so that two considerations change sides: x supports the origin and opposes the
-- changed one, y the other way round. Both situations are of one family: whoever groups situations reads this table.
CREATE TABLE contrast (
    request_hash  VARCHAR PRIMARY KEY,  -- of the answer that proposed it
    origin_id     VARCHAR NOT NULL,     -- the situation that was changed
    situation_id  VARCHAR NOT NULL,     -- the changed one, a situation like any other
    vrd_x         VARCHAR NOT NULL CHECK (vrd_x IN ('Value', 'Right', 'Duty')),
    text_x        VARCHAR NOT NULL,     -- as the list about the origin had it when it was asked; likewise text_y
    explanation_x VARCHAR NOT NULL,     -- about the changed situation, by whoever changed it; likewise explanation_y
    vrd_y         VARCHAR NOT NULL CHECK (vrd_y IN ('Value', 'Right', 'Duty')),
    text_y        VARCHAR NOT NULL,
    explanation_y VARCHAR NOT NULL,
    teacher       VARCHAR NOT NULL
);
