-- How far the sandbox has moved the shop's clock forward: one row at most.
CREATE TABLE clock_shift (
	name   TEXT   NOT NULL PRIMARY KEY,
	offset_us BIGINT NOT NULL CHECK (offset_us >= 0)
) /*STRICT*/;
