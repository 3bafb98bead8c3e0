// Runs cdk-nag's rule packs over a plain template and prints what they find: [{ resource, rule, text }].
//
// Exceptions are not told to cdk-nag; `check.py` subtracts them, so that it can also tell which excuse nothing.
const { App, Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { AwsSolutionsChecks, HIPAASecurityChecks, ServerlessChecks } = require("cdk-nag");

const app = new App();
const stack = new Stack(app, "Strongroom");
new CfnInclude(stack, "Template", { templateFile: process.argv[2] });

const findings = [AwsSolutionsChecks, HIPAASecurityChecks, ServerlessChecks].flatMap((Pack) =>
  new Pack(app).validateScope(app).violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ constructPath }) => ({ resource: constructPath.split("/").pop(), rule: ruleName, text: description })),
  ),
);
console.log(JSON.stringify(findings));
