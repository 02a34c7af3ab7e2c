// Command assets builds internal/web/static from the sources beside it: the
// style sheet, the scripts and the fonts. Run it from the root of the tree,
// after npm ci in tools/assets:
//
//	go run ./tools/assets
//
// What it writes is committed, so that a build needs nothing but Go.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	sources = "tools/assets"
	out     = "internal/web/static"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run() error {
	if err := clean(); err != nil {
		return err
	}
	if err := build("css/site.css"); err != nil {
		return err
	}
	return build("js/site.js")
}

// clean removes fonts of earlier builds: their names carry their hash.
func clean() error {
	old, err := filepath.Glob(filepath.Join(out, "fonts", "*.woff2"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	return nil
}

func build(entry string) error {
	r := api.Build(api.BuildOptions{
		EntryPoints:       []string{filepath.Join(sources, entry)},
		Outdir:            out,
		Bundle:            true,
		Write:             true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Charset:           api.CharsetUTF8,
		Format:            api.FormatIIFE,
		Target:            api.ES2022,
		Engines:           []api.Engine{{Name: api.EngineChrome, Version: "123"}, {Name: api.EngineFirefox, Version: "121"}, {Name: api.EngineSafari, Version: "17.5"}},
		Loader:            map[string]api.Loader{".woff2": api.LoaderFile},
		AssetNames:        "fonts/[name]-[hash]",
		PublicPath:        "/static",
		LegalComments:     api.LegalCommentsNone,
		Define:            map[string]string{"process.env.NODE_ENV": `"production"`, "global": "globalThis"},
		LogLevel:          api.LogLevelWarning,
	})
	if len(r.Errors) > 0 {
		return errors.New(r.Errors[0].Text)
	}
	return nil
}
