package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"

	"safelight/internal/account"
	"safelight/internal/fault"
	"safelight/internal/i18n"
)

// The most time that an image by URL may take.
const fetchTimeout = 30 * time.Second

// TakeURL makes an image of what an address gives, as [Lab.Take] does. An
// address that may not be used is the client's own refusal; one that gives no
// picture is [ErrFetch].
func (l *Lab) TakeURL(ctx context.Context, who account.ID, address string) (Image, error) {
	if l.Fetch == nil {
		return Image{}, ErrFetch.On("url")
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil || r.URL.Host == "" {
		return Image{}, ErrFetch.On("url").Because(err)
	}
	r.Header.Set("Accept", "image/jpeg, image/png, image/webp, image/avif, image/heic")
	answer, err := l.Fetch.Do(r)
	if err != nil {
		return Image{}, unfetched(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return Image{}, ErrFetch.On("url").Because(fmt.Errorf("status %d", answer.StatusCode))
	}
	if answer.ContentLength > l.limits.Bytes {
		return Image{}, l.tooLarge()
	}
	return l.Take(ctx, who, nameIn(answer.Request.URL), answer.Body)
}

// unfetched keeps a refusal of the client, which says why.
func unfetched(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && i18n.For(i18n.English).Has(f.Code) {
		return f.On("url")
	}
	return ErrFetch.On("url").Because(err)
}

func nameIn(u *url.URL) string { return path.Base(u.Path) }
