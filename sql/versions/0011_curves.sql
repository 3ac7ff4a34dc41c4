-- Scaling curves that a finding is about.

ALTER TABLE finding ADD curves jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN finding.curves IS 'What the commit did to each scaling curve that has a point among the effects: its points, whether sizes changed by different ratios, its knee and its efficiency before and after.';
