//! The `sign-ins` function.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    api::serve(sign_ins::function()).await
}
