-- A change and its revert.

ALTER TABLE finding ADD takes_back text NOT NULL DEFAULT '';
COMMENT ON COLUMN finding.takes_back IS 'SHA of the earlier commit whose change this one undoes; empty for none.';
