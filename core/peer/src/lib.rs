//! The network between peers: endpoint, discovery, invitations.
