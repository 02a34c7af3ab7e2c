package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrations are the schema's steps in order, each a text that both databases
// take. A table ends with "/*STRICT*/;": SQLite gets STRICT in its place, and
// INTEGER for BIGINT. "/*STRICT, WITHOUT ROWID*/;" keeps the rows in the tree
// of the primary key, besides.
func Migrations(kind Kind) ([]*goose.Migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	all := make([]*goose.Migration, len(names))
	for i, name := range names {
		if all[i], err = migration(kind, name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func migration(kind Kind, name string) (*goose.Migration, error) {
	number, _, _ := strings.Cut(path.Base(name), "_")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("db: migration %s has no number: %w", name, err)
	}
	text, err := migrationFiles.ReadFile(name)
	if err != nil {
		return nil, err
	}
	up := func(ctx context.Context, tx *sql.Tx) error { return apply(ctx, tx, kind, string(text)) }
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: up}, nil), nil
}

func apply(ctx context.Context, tx *sql.Tx, kind Kind, text string) error {
	if kind == SQLite {
		text = strings.NewReplacer("/*STRICT*/", "STRICT", "/*STRICT, WITHOUT ROWID*/", "STRICT, WITHOUT ROWID", "BIGINT", "INTEGER").Replace(text)
	}
	for _, statement := range strings.Split(text, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%w in: %s", err, statement)
		}
	}
	return nil
}
