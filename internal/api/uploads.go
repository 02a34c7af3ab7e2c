package api

import (
	"net/http"

	"safelight/internal/account"
	"safelight/internal/lab"
	"safelight/internal/serve"
)

// uploadsPath is where files arrive in pieces.
const uploadsPath = "/api/v1/uploads"

// uploads mounts the resumable uploads.
func (a *API) uploads() {
	tus, err := a.Lab.Uploads(lab.Gate{Base: a.Site.Base() + uploadsPath + "/", Path: uploadsPath + "/",
		Who: func(r *http.Request) (account.ID, error) {
			who := account.Who(r.Context())
			return who.Account.ID, who.Require(account.Customer)
		}, Fail: a.site.Fail})
	if err != nil {
		panic(err) // the gate is made of constants
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve.AllowBody(r.Context(), a.Shop.Lab.MaxBytes+1<<20)
		tus.ServeHTTP(&refusals{ResponseWriter: w, r: r}, r)
	})
	a.mux.Handle(uploadsPath, h)
	a.mux.Handle(uploadsPath+"/", h)
}
