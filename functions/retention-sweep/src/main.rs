//! The `retention-sweep` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    api::serve(retention_sweep::function()).await
}
