-- A call may be carried as text: typed on a page, or transcribed and spoken by the carrier.
ALTER TABLE sotto.call ADD COLUMN channel text NOT NULL DEFAULT 'VOICE' CHECK (channel IN ('VOICE', 'CHAT', 'RELAY'));

ALTER TABLE sotto.turn DROP CONSTRAINT turn_kind_check;
ALTER TABLE sotto.turn ADD CONSTRAINT turn_kind_check CHECK (kind IN ('SPEECH', 'KEYPAD', 'PROMPT', 'TOOL', 'TEXT'));
