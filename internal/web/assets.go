package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed static
var embedded embed.FS

// static holds the site's own files: style, scripts, fonts, pictures.
var static = func() fs.FS {
	sub, err := fs.Sub(embedded, "static")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}()

var versions sync.Map // name to the head of its hash

// asset returns the address of one of the site's own files, with its version:
// what an address once answered it answers for ever.
func asset(name string) string {
	if v, ok := versions.Load(name); ok {
		return v.(string)
	}
	data, err := fs.ReadFile(static, name)
	if err != nil {
		panic("web: " + err.Error()) // a name in a template: found by any test
	}
	sum := sha256.Sum256(data)
	url := "/static/" + name + "?v=" + hex.EncodeToString(sum[:6])
	versions.Store(name, url)
	return url
}

// Static serves the site's own files under /static/. A request with a version
// may be kept for ever, as may fonts, which carry it in their names.
func Static() http.Handler {
	files := http.StripPrefix("/static/", http.FileServerFS(static))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		if r.URL.Query().Has("v") || path.Ext(r.URL.Path) == ".woff2" {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		files.ServeHTTP(w, r)
	})
}
