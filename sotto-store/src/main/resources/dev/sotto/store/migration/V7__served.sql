-- mode is how a call was meant to be answered when it was offered. served is what answers it, or answered it at its end:
-- noted when the caller is told what answers, so it is null before, and for calls from before this column. A model that is
-- lost to a call does not come back to it: a call is handed over once, and to the receptionist.
ALTER TABLE sotto.call
  ADD COLUMN served text,
  ADD COLUMN handed_over_at timestamptz,
  ADD CONSTRAINT call_handed_over_check CHECK (handed_over_at IS NULL OR served IS NOT DISTINCT FROM 'receptionist');

GRANT UPDATE (served, handed_over_at) ON sotto.call TO sotto_app;
