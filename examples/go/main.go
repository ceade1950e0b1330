// Delivers a shop in its own way, from the functions of another module.
package main

import (
	"context"

	"dagger/example/internal/dagger"
)

type Example struct{}

func delivery(settings *dagger.File) *dagger.Delivery {
	return dag.Delivery(dagger.DeliveryOpts{Settings: settings})
}

// Check everything that the project has.
// +cache="never"
func (m *Example) Check(
	ctx context.Context,
	// Settings instead of the project's delivery.json.
	// +optional
	settings *dagger.File,
) (string, error) {
	return delivery(settings).Ci(ctx)
}

// The site with a page of the shop's own beside it.
// +cache="never"
func (m *Example) Site(
	// Settings instead of the project's delivery.json.
	// +optional
	settings *dagger.File,
) *dagger.Directory {
	return delivery(settings).Frontend().Build().
		WithNewFile("security.txt", "Contact: mailto:security@example.org\n")
}

// Deploy the site once everything passed; the last line says that both happened.
// +cache="never"
func (m *Example) Release(
	ctx context.Context,
	// Netlify token that may deploy the site.
	netlifyToken *dagger.Secret,
	// Settings instead of the project's delivery.json.
	// +optional
	settings *dagger.File,
) (string, error) {
	if _, err := delivery(settings).Ci(ctx); err != nil {
		return "", err
	}
	report, err := delivery(settings).Frontend().
		Deploy(netlifyToken, dagger.DeliveryFrontendDeployOpts{Environment: "staging"}).
		Report(ctx)
	if err != nil {
		return "", err
	}
	return report + "checked and deployed\n", nil
}
