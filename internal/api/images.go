package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/lab"
	"safelight/internal/serve"
)

// Image is a picture that the caller has here.
type Image struct {
	ID        string `json:"id"`
	Role      string `json:"role" enum:"original,result"`
	Name      string `json:"name"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Bytes     int64  `json:"bytes"`
	Format    string `json:"format" enum:"jpeg,png,webp,avif,heic"`
	SHA256    string `json:"sha256"`
	JobID     string `json:"job_id,omitempty"`
	CreatedAt string `json:"created_at" format:"date-time"`
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

// Images is a list.
type Images struct {
	Images []Image `json:"images"`
}

// Source is an address of a picture.
type Source struct {
	URL string `json:"url" format:"uri" doc:"https, reachable from everywhere."`
}

var imageType = reflect.TypeFor[Image]()

type imageID struct {
	ID string `path:"id"`
}

func imageOf(i lab.Image) Image {
	return Image{ID: string(i.ID), Role: string(i.Role), Name: i.Name, Width: i.Width, Height: i.Height, Bytes: i.Bytes, Format: string(i.Format),
		SHA256: i.SHA256, JobID: string(i.Job), CreatedAt: *stamp(i.Created), ExpiresAt: *stamp(i.Expires)}
}

// Pictures by address are fetched by us: an account gets so many.
const (
	fetchesPerSecond = 0.5
	fetchesAtOnce    = 20
)

var uploaded = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}

func (a *API) images() {
	tags := []string{"Images"}
	a.stream(huma.Operation{OperationID: "upload-image", Method: http.MethodPost, Path: "/api/v1/images", Tags: tags,
		Summary: "Upload a picture", Description: "JPEG, PNG, WebP, AVIF or HEIC, judged by its content. GPS, serial numbers and embedded " +
			"thumbnails are removed. For large files on weak links use resumable uploads: see the introduction.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
			Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}}}}}},
		Responses: map[string]*huma.Response{"201": {Description: "The picture is here", Content: map[string]*huma.MediaType{
			"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(imageType, true, "Image")}}}},
		Errors: uploaded}, a.upload)
	call(a, huma.Operation{OperationID: "fetch-image", Method: http.MethodPost, Path: "/api/v1/images/from-url", DefaultStatus: http.StatusCreated, Tags: tags,
		Summary: "Take a picture from an address", Description: "We fetch it. Addresses of private networks are refused.",
		Errors: uploaded}, a.fetchImage)
	call(a, huma.Operation{OperationID: "list-images", Method: http.MethodGet, Path: "/api/v1/images", Summary: "Your pictures", Tags: tags,
		Description: "Newest first, results among them.", Errors: []int{http.StatusUnprocessableEntity}}, a.listImages)
	call(a, huma.Operation{OperationID: "get-image", Method: http.MethodGet, Path: "/api/v1/images/{id}", Summary: "One picture", Tags: tags,
		Errors: []int{http.StatusNotFound}},
		func(ctx context.Context, who account.Visitor, in *imageID) (*body[Image], error) {
			i, err := a.findImage(ctx, who, in.ID)
			if err != nil {
				return nil, err
			}
			return &body[Image]{imageOf(i)}, nil
		})
	a.stream(huma.Operation{OperationID: "get-image-file", Method: http.MethodGet, Path: "/api/v1/images/{id}/file", Tags: tags,
		Summary: "The picture's file", Description: "With Range and If-Modified-Since.", Parameters: []*huma.Param{idParam()}, Responses: file("image/*"),
		Errors: []int{http.StatusNotFound, http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable}}, a.download)
	call(a, huma.Operation{OperationID: "delete-image", Method: http.MethodDelete, Path: "/api/v1/images/{id}", DefaultStatus: http.StatusNoContent,
		Summary: "Delete a picture", Description: "For good. Jobs on it that have not ended are cancelled, and their credits come back.",
		Tags: tags, Errors: []int{http.StatusNotFound}},
		func(ctx context.Context, who account.Visitor, in *imageID) (*struct{}, error) {
			if err := valid("img", in.ID, lab.ErrNoImage); err != nil {
				return nil, err
			}
			return nil, a.Lab.Delete(ctx, who.Account.ID, lab.ImageID(in.ID))
		})
	call(a, huma.Operation{OperationID: "delete-images", Method: http.MethodDelete, Path: "/api/v1/images", DefaultStatus: http.StatusNoContent,
		Summary: "Delete all pictures", Description: "Originals, results and unfinished uploads, for good.", Tags: tags},
		func(ctx context.Context, who account.Visitor, _ *struct{}) (*struct{}, error) {
			_, err := a.Lab.DeleteAll(ctx, who.Account.ID)
			return nil, err
		})
}

func (a *API) fetchImage(ctx context.Context, who account.Visitor, in *body[Source]) (*body[Image], error) {
	if err := a.fetch.Allow(string(who.Account.ID)); err != nil {
		return nil, err
	}
	i, err := a.Lab.TakeURL(ctx, who.Account.ID, in.Body.URL)
	if err != nil {
		return nil, err
	}
	return &body[Image]{imageOf(i)}, nil
}

func (a *API) listImages(ctx context.Context, who account.Visitor, in *page) (*body[Images], error) {
	if err := in.valid("img"); err != nil {
		return nil, err
	}
	all, err := db.Ask(ctx, a.DB, func(tx *db.Tx) ([]lab.Image, error) {
		return a.Lab.List(ctx, tx, who.Account.ID, lab.Page{Before: in.Before, Limit: in.Limit})
	})
	out := Images{Images: []Image{}}
	for _, i := range all {
		out.Images = append(out.Images, imageOf(i))
	}
	return &body[Images]{out}, err
}

func (a *API) findImage(ctx context.Context, who account.Visitor, image string) (lab.Image, error) {
	if err := valid("img", image, lab.ErrNoImage); err != nil {
		return lab.Image{}, err
	}
	return db.Ask(ctx, a.DB, func(tx *db.Tx) (lab.Image, error) { return a.Lab.Find(ctx, tx, who.Account.ID, lab.ImageID(image)) })
}

// upload reads the multipart stream as it comes; nothing is kept but the file.
func (a *API) upload(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	serve.AllowBody(r.Context(), a.Shop.Lab.MaxBytes+1<<20)
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "multipart/form-data" {
		return ErrFileForm
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return ErrFile.On("file").Because(err)
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return ErrFile.On("file")
		case err != nil:
			return lab.ErrBrokenOff.Because(err)
		case part.FormName() != "file":
			continue
		}
		i, err := a.Lab.Take(r.Context(), who.Account.ID, part.FileName(), part)
		if err != nil {
			return err
		}
		return serve.JSON(w, http.StatusCreated, imageOf(i))
	}
}

func (a *API) download(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	i, err := a.findImage(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return err
	}
	f, c, err := a.Lab.Open(r.Context(), i, lab.File)
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", c.MediaType)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": c.Name}))
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.Header().Set("Cache-Control", "private, no-store")
	http.ServeContent(&refusals{ResponseWriter: w, r: r}, r, "", c.Modified, f)
	return nil
}
