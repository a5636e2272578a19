-- What whoever revoked a node said of it; the audit has it too, for those who may read that.
ALTER TABLE nodes ADD COLUMN revoked_reason text;
