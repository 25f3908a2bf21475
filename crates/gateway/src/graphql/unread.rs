//! Why a GraphQL request is unclassified before anything is compared.

/// Said to whoever sent it, and nothing of what they sent is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    #[error("this GraphQL endpoint is not declared for this method")]
    Method,
    #[error("subscriptions and protocol upgrades are not carried at a GraphQL endpoint")]
    Subscription,
    #[error("a GraphQL body is one `Content-Type: application/json` in UTF-8")]
    ContentType,
    #[error("a compressed GraphQL body is not read")]
    Compressed,
    #[error("a GraphQL body has at most 64 KiB")]
    TooLarge,
    #[error("a GraphQL request asks for at most 16 calls and 64 root fields")]
    TooMany,
    #[error("the query part of the address could be read instead of the body")]
    QueryBesideBody,
    #[error("a GraphQL query by GET has no body")]
    BodyBesideQuery,
    #[error("the body is no JSON, or has a member twice")]
    Json,
    #[error("the address' query part has a parameter twice, or one that could be read in two ways")]
    Parameters,
    #[error(
        "a call is an object of query, operationName, variables and extensions, and of nothing else"
    )]
    Members,
    #[error("of extensions, persistedQuery (version 1) and clientLibrary are known")]
    Extensions,
    #[error("there is neither a document nor the hash of one")]
    NoDocument,
    #[error("the hash is not the document's")]
    OtherHash,
    #[error("the document does not parse, or nests too deep")]
    Document,
    #[error(
        "the document has signs that servers read differently: control characters or a block string"
    )]
    TwoReadings,
    #[error("the document defines something else than operations and fragments")]
    Definitions,
    #[error(
        "two operations or two fragments of the document have one name, or one of several has none"
    )]
    Ambiguous,
    #[error("the document has no operation of the name it asks for")]
    NoSuchOperation,
    #[error("a fragment of the document is missing")]
    Fragments,
    #[error("by GET only a query is asked for")]
    ChangesByGet,
}
