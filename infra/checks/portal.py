"""What must hold of the web portal: a private bucket, CloudFront before it, and the policy that the pages run under.

Every function yields a sentence for each thing that is wrong, as in `properties.py`, which calls them.
"""

import functools
import json
import subprocess

ARN = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${PortalDistribution}"
OURS = {"StringEquals": {"aws:SourceArn": {"Fn::Sub": ARN}}}
BUCKET = {"Fn::GetAtt": ["PortalBucket", "Arn"]}
FILES = {"Fn::Sub": "${PortalBucket.Arn}/*"}
CONTENT = "https://${ContentBucket.RegionalDomainName}"
YEAR_S = 31_536_000

# The policy but for `connect-src`, which depends on who signs people in.
POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "blob:", "data:", CONTENT},
    "media-src": {"'self'", "blob:", CONTENT},
    "worker-src": {"'self'"},
    "font-src": {"'self'"},
    "manifest-src": {"'self'"},
    "frame-src": {"'none'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
    "require-trusted-types-for": {"'script'"},
    "trusted-types": {"svelte-trusted-html", "default"},
}
SECURITY_HEADERS = {
    "ContentTypeOptions": {"Override": True},
    "FrameOptions": {"FrameOption": "DENY", "Override": True},
    "ReferrerPolicy": {"ReferrerPolicy": "no-referrer", "Override": True},
    "StrictTransportSecurity": {"AccessControlMaxAgeSec": 2 * YEAR_S, "IncludeSubdomains": True, "Override": True},
}
OTHER_HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# What is asked for, and the file that answers.
ADDRESSES = {
    "/": "/index.html",
    "/signed-in": "/index.html",
    "/app": "/index.html",
    "/app/": "/index.html",
    "/app/clients/0198?/x.js": "/index.html",
    "/intake": "/intake.html",
    "/index.html": "/index.html",
    "/intake.html": "/intake.html",
    "/config.json": "/config.json",
    "/icon.svg": "/icon.svg",
    "/assets/index-B7SUXDvC.css": "/assets/index-B7SUXDvC.css",
    "/apple": "/apple",
    "/intake/uploads": "/intake/uploads",
    "/nothing": "/nothing",
}


# CloudFront's own policy.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def properties(template, name):
    return template["Resources"].get(name, {}).get("Properties", {})


def distribution(template):
    return properties(template, "PortalDistribution")["DistributionConfig"]


def behaviours(template):
    config = distribution(template)
    return {"*": config["DefaultCacheBehavior"], **{b["PathPattern"]: b for b in config.get("CacheBehaviors", [])}}


def as_text(value):
    """A text with its references in it, as `Fn::Sub` has it."""
    return value["Fn::Sub"] if isinstance(value, dict) and "Fn::Sub" in value else value


def portal_bucket(template):
    """Read by this distribution and by nobody else."""
    bucket = properties(template, "PortalBucket")
    statements = properties(template, "PortalBucketPolicy")["PolicyDocument"]["Statement"]
    service = {"Service": "cloudfront.amazonaws.com"}
    wanted = [(service, "s3:GetObject", FILES, OURS), (service, "s3:ListBucket", BUCKET, OURS)]
    allowed = [(s["Principal"], s["Action"], s["Resource"], s.get("Condition")) for s in statements if s["Effect"] == "Allow"]
    if allowed != wanted:
        yield f"the portal's bucket allows {allowed}"
    old_tls = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    if not any(s["Effect"] == "Deny" and s["Action"] == "s3:*" and s.get("Condition") == old_tls for s in statements):
        yield "the portal's bucket may be spoken to with an old TLS"
    if "WebsiteConfiguration" in bucket or "CorsConfiguration" in bucket:
        yield "the portal's bucket answers by itself"
    by_default = [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    if bucket.get("BucketEncryption") != {"ServerSideEncryptionConfiguration": by_default}:
        yield "the portal's files are kept in clear, or under a key that CloudFront may not use"
    rules = bucket.get("LifecycleConfiguration", {}).get("Rules", [])
    if not any(rule.get("NoncurrentVersionExpiration") for rule in rules):
        yield "old versions of the portal are kept for ever"
    if any("ExpirationInDays" in rule for rule in rules):
        yield "the portal would expire"


def portal_origin(template):
    access = properties(template, "PortalOriginAccess").get("OriginAccessControlConfig", {})
    signed = {"OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}
    if {key: access.get(key) for key in signed} != signed:
        yield f"CloudFront asks the portal's bucket as {access}"
    origin = {
        "Id": "files",
        "DomainName": {"Fn::GetAtt": ["PortalBucket", "RegionalDomainName"]},
        "OriginAccessControlId": {"Fn::GetAtt": ["PortalOriginAccess", "Id"]},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    api = {
        "Id": "api",
        "DomainName": {"Fn::Sub": "${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"},
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
    }
    if distribution(template)["Origins"] != [origin, api]:
        yield f"the portal comes from {distribution(template)['Origins']}"
    targets = {path: behaviour["TargetOriginId"] for path, behaviour in behaviours(template).items()}
    if targets != {"*": "files", "/assets/*": "files", "/downloads/*": "api"}:
        yield f"addresses of the portal lead to {targets}"


def portal_transport(template):
    config = distribution(template)
    wanted = {"Enabled": True, "HttpVersion": "http2and3", "IPV6Enabled": True, "DefaultRootObject": "index.html"}
    for key, value in wanted.items():
        if config.get(key) != value:
            yield f"the portal has {key} {config.get(key)}"
    for path, behaviour in behaviours(template).items():
        if behaviour.get("ViewerProtocolPolicy") != "redirect-to-https":
            yield f"{path} is served without TLS"
        if behaviour.get("AllowedMethods") != ["GET", "HEAD"]:
            yield f"{path} takes {behaviour.get('AllowedMethods')}"
        if behaviour.get("Compress") is not True:
            yield f"{path} is not compressed"
    certificate = config.get("ViewerCertificate", {})
    if config.get("Aliases"):
        modern = certificate.get("MinimumProtocolVersion") in ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
        if not modern or certificate.get("SslSupportMethod") != "sni-only" or not certificate.get("AcmCertificateArn"):
            yield f"the portal's name is served with {certificate}"
    elif certificate != {"CloudFrontDefaultCertificate": True}:
        yield f"the portal has no name of its own and is served with {certificate}"


def portal_errors(template):
    """An error stays what it is, and is asked for again."""
    for answer in distribution(template).get("CustomErrorResponses", []):
        if "ResponseCode" in answer or "ResponsePagePath" in answer:
            yield f"{answer['ErrorCode']} is answered with something else"
    kept = {a["ErrorCode"]: a.get("ErrorCachingMinTTL") for a in distribution(template).get("CustomErrorResponses", [])}
    if kept != {403: 0, 404: 0}:
        yield f"a file that was missing stays missing: {kept}"


def portal_logs(template):
    """With the log bucket, every request is logged to it; it alone may take access lists."""
    logging = distribution(template).get("Logging")
    if "PortalLogBucket" in template["Resources"]:
        bucket = {"Fn::GetAtt": ["PortalLogBucket", "RegionalDomainName"]}
        if logging != {"Bucket": bucket, "IncludeCookies": False, "Prefix": "portal/"}:
            yield f"requests for the portal are logged as {logging}"
    elif logging:
        yield "requests for the portal are logged to a bucket of somebody else"


def portal_caching(template):
    found = {path: behaviour.get("CachePolicyId") for path, behaviour in behaviours(template).items()}
    wanted = {"*": {"Ref": "PortalPages"}, "/assets/*": {"Ref": "PortalAssets"}, "/downloads/*": CACHING_DISABLED}
    if found != wanted:
        yield f"the portal is cached by {found}"
    for name, seconds in (("PortalPages", 0), ("PortalAssets", YEAR_S)):
        policy = properties(template, name).get("CachePolicyConfig", {})
        if (policy.get("MinTTL"), policy.get("DefaultTTL"), policy.get("MaxTTL")) != (0, seconds, seconds):
            yield f"{name} keeps a file for another time than {seconds} s"
        sent = policy.get("ParametersInCacheKeyAndForwardedToOrigin", {})
        kinds = ("CookiesConfig", "CookieBehavior"), ("HeadersConfig", "HeaderBehavior"), ("QueryStringsConfig", "QueryStringBehavior")
        if any(sent.get(kind, {}).get(key) != "none" for kind, key in kinds):
            yield f"{name} keeps a file for each visitor"
        if seconds and not (sent.get("EnableAcceptEncodingBrotli") is sent.get("EnableAcceptEncodingGzip") is True):
            yield f"{name} keeps files uncompressed"


def token_origins(template):
    """Where tokens come from, besides the issuer's own origin."""
    domain = properties(template, "UserPoolDomain").get("Domain")
    return {f"https://{domain}.auth.${{AWS::Region}}.amazoncognito.com"} if domain else set()


def portal_policy(template):
    """The Content-Security-Policy, directive by directive."""
    headers = properties(template, "PortalHeaders")["ResponseHeadersPolicyConfig"].get("SecurityHeadersConfig", {})
    policy = headers.get("ContentSecurityPolicy", {})
    if policy.get("Override") is not True:
        yield "an object may bring a policy of its own"
    text = as_text(policy.get("ContentSecurityPolicy")) or ""
    parts = [part.split() for part in text.split(";")]
    directives = {part[0]: part[1:] for part in parts if part}
    if len(directives) != len(parts):
        yield "a directive is there twice, of which a browser heeds the first"
    for word in ("'unsafe-", "*", "http:", "'nonce-", "'sha"):
        if word in text:
            yield f"the policy says {word}"
    if {"http:", "https:"} & set(text.replace(";", " ").split()):
        yield "the policy lets any host in"
    for name, sources in POLICY.items():
        if set(directives.get(name, ())) != sources:
            yield f"{name} is {directives.get(name)}"
    if unknown := sorted(set(directives) - set(POLICY) - {"connect-src"}):
        yield f"the policy has {unknown}"
    yield from connections(template, set(directives.get("connect-src", ())))


def connections(template, sources):
    issuer = as_text(properties(template, "Authorizer")["JwtConfiguration"]["Issuer"])
    needed = {"'self'", "${Api.ApiEndpoint}", CONTENT, "/".join(issuer.split("/")[:3])} | token_origins(template)
    if missing := sorted(needed - sources):
        yield f"the portal may not talk to {missing}"
    # An issuer of somebody else's may have one more, which the operator names.
    if len(sources - needed) > (0 if "UserPool" in template["Resources"] else 1):
        yield f"the portal may talk to {sorted(sources - needed)}"


def portal_headers(template):
    for path, behaviour in behaviours(template).items():
        if behaviour.get("ResponseHeadersPolicyId") != {"Ref": "PortalHeaders"}:
            yield f"{path} is served without the headers"
    policy = properties(template, "PortalHeaders")["ResponseHeadersPolicyConfig"]
    for name, value in SECURITY_HEADERS.items():
        if policy.get("SecurityHeadersConfig", {}).get(name) != value:
            yield f"{name} is {policy.get('SecurityHeadersConfig', {}).get(name)}"
    items = policy.get("CustomHeadersConfig", {}).get("Items", [])
    if {item["Header"]: item["Value"] for item in items if item["Override"] is True} != OTHER_HEADERS:
        yield f"the portal's other headers are {items}"
    if "CorsConfig" in policy:
        yield "other origins may read the portal's files"


@functools.cache
def rewritten(code):
    """What the function makes of each address, by running it."""
    ask = "Object.fromEntries(JSON.parse(process.argv[1]).map((uri) => [uri, handler({ request: { uri } }).uri]))"
    program = f"{code}\nconsole.log(JSON.stringify({ask}));"
    done = subprocess.run(["node", "-e", program, json.dumps(list(ADDRESSES))], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def portal_addresses(template):
    function = properties(template, "PortalAddresses")
    if function.get("AutoPublish") is not True or function.get("FunctionConfig", {}).get("Runtime") != "cloudfront-js-2.0":
        yield "the function of addresses is not published, or for another runtime"
    found = rewritten(function.get("FunctionCode", ""))
    for address, file in ADDRESSES.items():
        if found.get(address) != file:
            yield f"{address} is answered with {found.get(address)} and not with {file}"
    wanted = [{"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["PortalAddresses", "FunctionARN"]}}]
    if distribution(template)["DefaultCacheBehavior"].get("FunctionAssociations") != wanted:
        yield "the portal's addresses are not rewritten"


def portal_configuration(template):
    """The portal signs people in where the API takes their tokens from."""
    config = json.loads(as_text(template["Outputs"]["PortalConfig"]["Value"]))
    jwt = properties(template, "Authorizer").get("JwtConfiguration", {})
    audience = (jwt.get("Audience") or [None])[0]
    client = "${" + audience["Ref"] + "}" if isinstance(audience, dict) else audience
    wanted = {"api": "${Api.ApiEndpoint}", "issuer": as_text(jwt.get("Issuer")), "client_id": client}
    if config != wanted:
        yield f"the portal is told {config}, and the API goes by {wanted}"


CHECKS = (
    portal_bucket, portal_origin, portal_transport, portal_errors, portal_logs, portal_caching, portal_policy, portal_headers,
    portal_addresses, portal_configuration,
)


def portal_named(template):
    """With a certificate and a web ACL, both are used, under the host of the one origin that the API knows."""
    config = distribution(template)
    origins = properties(template, "Api")["CorsConfiguration"]["AllowOrigins"]
    if [f"https://{name}" for name in config.get("Aliases", [])] != origins:
        yield f"the portal answers as {config.get('Aliases')}, and the API expects {origins}"
    if not config.get("ViewerCertificate", {}).get("AcmCertificateArn") or not config.get("WebACLId"):
        yield "a certificate and a web ACL were given and are not used"
    if not config.get("Logging"):
        yield "access logs were chosen and are off"
