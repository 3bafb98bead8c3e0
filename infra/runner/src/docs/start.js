// Swagger UI's start: our document, our sign-in, nothing inline.
window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: false,
    oauth2RedirectUrl: window.location.origin + "/docs/signed-in",
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout"
  });
  window.ui.initOAuth({
    clientId: "strongroom-portal",
    scopes: "openid profile email",
    usePkceWithAuthorizationCodeGrant: true
  });
};
