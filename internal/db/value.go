package db

import (
	"database/sql"
	"time"
)

// stored turns times and booleans into what the columns hold.
func stored(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			if v.IsZero() {
				args[i] = nil
			} else {
				args[i] = v.UnixMicro()
			}
		case bool:
			args[i] = int64(0)
			if v {
				args[i] = int64(1)
			}
		}
	}
	return args
}

// rows turns stored times and booleans back.
type rows struct{ Rows }

func (r rows) Scan(dest ...any) error { return scanStored(r.Rows.Scan, dest) }

func scanStored(scan func(dest ...any) error, dest []any) error {
	held, restore := dest, []func(){}
	for i, d := range dest {
		switch d := d.(type) {
		case *time.Time:
			var v sql.NullInt64
			held = own(held, dest, i, &v)
			restore = append(restore, func() { *d = moment(v) })
		case *bool:
			var v int64
			held = own(held, dest, i, &v)
			restore = append(restore, func() { *d = v != 0 })
		}
	}
	if err := scan(held...); err != nil {
		return err
	}
	for _, f := range restore {
		f()
	}
	return nil
}

// own puts v in place i of held, which is copied before its first change.
func own(held, dest []any, i int, v any) []any {
	if &held[0] == &dest[0] {
		held = append([]any{}, dest...)
	}
	held[i] = v
	return held
}

func moment(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return time.UnixMicro(v.Int64).UTC()
}
